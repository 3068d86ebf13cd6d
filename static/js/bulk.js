// Choosing several rows and acting on them. Without this script the same boxes and buttons are a plain form.
const MOST_TO_COMPARE = 10;
let last = null;

const bulk = () => document.querySelector("[data-bulk]");
const boxes = () => [...document.querySelectorAll("[data-select]")];

function refresh() {
  const form = bulk();
  if (!form) return;
  const all = boxes();
  const chosen = all.filter((box) => box.checked);
  for (const box of all) box.closest("tr").classList.toggle("chosen", box.checked);
  form.querySelector("[data-bulk-bar]").classList.toggle("shown", chosen.length > 0);
  form.querySelector("[data-bulk-count]").textContent = `${chosen.length} selected`;
  const compare = form.querySelector("[data-compare]");
  compare.disabled = chosen.length < 2 || chosen.length > MOST_TO_COMPARE;
  const page = form.querySelector("[data-select-page]");
  page.checked = chosen.length > 0 && chosen.length === all.length;
  page.indeterminate = chosen.length > 0 && chosen.length < all.length;
}

/** With Shift held, all between the last box and this one. */
function between(box) {
  const all = boxes();
  const [from, to] = [all.indexOf(last), all.indexOf(box)].sort((a, b) => a - b);
  if (from >= 0) for (const other of all.slice(from, to + 1)) other.checked = box.checked;
}

function choose(checked) {
  for (const box of boxes()) box.checked = checked;
  refresh();
}

/** What deleting would do is the server's to say; it comes into a dialog instead of a page of its own. */
async function ask(form, button) {
  const dialog = document.getElementById("bulk-dialog");
  const sent = new FormData(form, button);
  try {
    const answer = await fetch(form.action, { method: "POST", body: sent, headers: { "HX-Request": "true" } });
    if (!answer.ok || answer.redirected) throw new Error(String(answer.status));
    dialog.innerHTML = await answer.text();
    dialog.showModal();
    dialog.querySelector("[autofocus]")?.focus();
  } catch {
    const text = "The studio did not answer; nothing is deleted.";
    document.dispatchEvent(new CustomEvent("slipway:toast", { detail: { text, tone: "bad" } }));
  }
}

document.addEventListener("click", (event) => {
  const { target } = event;
  if (target.matches?.("[data-select]")) {
    if (event.shiftKey) between(target);
    last = target;
  }
  if (target.closest?.("[data-select-none]")) choose(false);
});
document.addEventListener("change", ({ target }) => {
  if (target.matches("[data-select-page]")) choose(target.checked);
  else if (target.matches("[data-select]")) refresh();
});
// Before others hear of it, who would take it for a form on its way.
document.addEventListener("submit", (event) => {
  if (event.submitter?.value !== "delete" || event.target !== bulk()) return;
  event.preventDefault();
  ask(event.target, event.submitter);
}, { capture: true });
document.addEventListener("slipway:drawn", refresh);
window.addEventListener("pageshow", refresh); // a browser that goes back fills the boxes in again
refresh();
