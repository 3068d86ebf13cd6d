// Keeps parts of a page as the server would draw them now. A [data-part] with an id is drawn again when its
// data-part-key differs (without a key: when its content does); [data-parts-every] says how often to look.
const ASK_AGAIN_MS = 250;

async function fetchPage() {
  const answer = await fetch(location.href, { headers: { "X-Slipway-Parts": "1" }, cache: "no-store" });
  if (!answer.ok || answer.redirected) return null;
  return new DOMParser().parseFromString(await answer.text(), "text/html");
}

function differs(part, fresh) {
  const { partKey } = part.dataset;
  return partKey === undefined ? part.innerHTML !== fresh.innerHTML : partKey !== fresh.dataset.partKey;
}

function typingIn(part) {
  return part.contains(document.activeElement) && document.activeElement.matches("input, textarea, select");
}

// The element stays and its content changes: what is a live region is then read out.
function draw(part, fresh) {
  part.replaceChildren(...document.adoptNode(fresh).childNodes);
  for (const name of ["partKey", "partsEvery"]) {
    if (fresh.dataset[name] === undefined) delete part.dataset[name];
    else part.dataset[name] = fresh.dataset[name];
  }
  window.htmx?.process(part);
}

async function refresh() {
  const asked = location.search;
  const page = await fetchPage().catch(() => null);
  if (!page || location.search !== asked) return;
  for (const part of document.querySelectorAll("[data-part]")) {
    const fresh = page.getElementById(part.id);
    if (fresh && differs(part, fresh) && !typingIn(part)) draw(part, fresh);
  }
  document.dispatchEvent(new CustomEvent("slipway:times"));
  document.dispatchEvent(new CustomEvent("slipway:parts"));
}

function schedule() {
  const every = [...document.querySelectorAll("[data-parts-every]")].map((part) => Number(part.dataset.partsEvery));
  const seconds = Math.min(...every);
  if (!Number.isFinite(seconds)) return;
  setTimeout(async () => {
    if (!document.hidden) await refresh();
    schedule();
  }, seconds * 1000);
}

// The address says something else now.
document.addEventListener("slipway:address", refresh);
let status = null;
document.addEventListener("deployment:state", ({ detail: deployment }) => {
  const now = `${deployment.status} ${deployment.cancel_requested}`;
  if (now === status) return;
  status = now;
  refresh();
});
// The service's own state follows its deployment's a moment later.
document.addEventListener("deployment:end", () => setTimeout(refresh, ASK_AGAIN_MS));
schedule();
