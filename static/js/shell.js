// The frame's behaviour: menus, dialogs, copying, theme, rail, messages. Everything is found by data attributes.
const YEAR_S = 31_536_000;

function keep(name, value) {
  const secure = location.protocol === "https:" ? "; Secure" : "";
  document.cookie = `${name}=${value}; Path=/; Max-Age=${YEAR_S}; SameSite=Lax${secure}`;
}

function closeMenus(except) {
  for (const menu of document.querySelectorAll("details.menu[open]")) {
    if (!menu.contains(except)) menu.open = false;
  }
}

function openDialog(id) {
  closeMenus(null);
  document.getElementById(id)?.showModal();
}

async function copy(button) {
  const text = button.dataset.copy;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    copyByHand(text); // no clipboard API over plain HTTP from another machine
  }
  button.classList.add("done");
  say("Copied");
  setTimeout(() => button.classList.remove("done"), 1600);
}

function copyByHand(text) {
  const area = Object.assign(document.createElement("textarea"), { value: text, className: "visually-hidden" });
  (document.querySelector("dialog[open]") ?? document.body).append(area);
  area.select();
  document.execCommand("copy");
  area.remove();
}

function say(text) {
  document.getElementById("announcer").textContent = text;
}

function toast({ text, tone = "good", href, link = "View" }) {
  const item = document.createElement("div");
  item.className = `toast-item ${tone}`;
  const words = Object.assign(document.createElement("span"), { className: "grow", textContent: text });
  item.append(words);
  if (href) item.append(Object.assign(document.createElement("a"), { href, textContent: link }));
  document.getElementById("toasts").append(item);
  setTimeout(() => item.remove(), tone === "bad" ? 12_000 : 6_000);
}

function chooseTheme(button) {
  const root = document.documentElement;
  root.dataset.theme = button.value;
  keep("slipway_theme", button.value);
  for (const other of document.querySelectorAll("[data-themes] button")) {
    other.setAttribute("aria-pressed", String(other.value === button.value));
  }
}

function toggleRail(button) {
  const narrow = document.documentElement.dataset.rail !== "narrow";
  document.documentElement.dataset.rail = narrow ? "narrow" : "wide";
  button.setAttribute("aria-expanded", String(!narrow));
  keep("slipway_rail", narrow ? "narrow" : "wide");
}

document.addEventListener("click", (event) => {
  const { target } = event;
  closeMenus(target);
  const opener = target.closest("[data-dialog]");
  if (opener) openDialog(opener.dataset.dialog);
  if (target.closest("[data-close]")) target.closest("dialog").close();
  if (target.nodeName === "DIALOG") target.close(); // the backdrop belongs to the dialog itself
  const copier = target.closest("[data-copy]");
  if (copier) copy(copier);
  const rail = target.closest("[data-rail-toggle]");
  if (rail) toggleRail(rail);
  const theme = target.closest("[data-themes] button");
  if (theme) {
    event.preventDefault();
    chooseTheme(theme);
  }
});

document.addEventListener("keydown", (event) => {
  const menu = event.key === "Escape" && document.querySelector("details.menu[open]");
  if (menu) {
    menu.open = false;
    menu.querySelector("summary").focus();
  }
});

// A form that is on its way must not be sent twice.
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || event.target.method === "dialog") return;
  const button = event.submitter;
  if (button && event.target.method === "post") setTimeout(() => { button.disabled = true; });
});
window.addEventListener("pageshow", () => {
  for (const button of document.querySelectorAll("form[method=post] button:disabled:not([data-off])")) button.disabled = false;
});

document.addEventListener("htmx:beforeRequest", (event) => {
  const poller = event.target.closest?.("[data-poll]");
  if (poller && (document.hidden || poller.open || poller.contains(document.activeElement))) event.preventDefault();
});

document.addEventListener("slipway:toast", (event) => toast(event.detail));
document.addEventListener("slipway:say", (event) => say(event.detail));
document.querySelector("[data-focus]")?.focus();
