// Single-key shortcuts. They never fire while one types, and can be switched off (WCAG 2.1.4).
const OFF = "slipway-keys-off";
const typing = (element) => element.closest?.("input, textarea, select, [contenteditable], [role=textbox]");
const enabled = () => localStorage.getItem(OFF) === null;
let waitingForPlace = 0;

const actions = {
  "?": () => document.getElementById("shortcuts")?.showModal(),
  "/": () => (document.querySelector("[data-filter]") ?? document.getElementById("global-search"))?.focus(),
  c: () => document.querySelector("[data-primary]")?.click(),
  j: () => moveRow(1),
  k: () => moveRow(-1),
  x: () => document.activeElement?.closest("tr")?.querySelector("[data-select]")?.click(),
  o: () => document.activeElement?.closest("tr")?.querySelector(".row-link")?.click(),
  "[": () => document.querySelector('[data-press="["]')?.click(),
  "]": () => document.querySelector('[data-press="]"]')?.click(),
};

function moveRow(step) {
  const links = [...document.querySelectorAll("table .row-link")];
  const at = links.indexOf(document.activeElement);
  links[at < 0 ? 0 : Math.min(Math.max(at + step, 0), links.length - 1)]?.focus();
}

document.addEventListener("keydown", (event) => {
  if (!enabled() || event.ctrlKey || event.metaKey || event.altKey) return;
  if (typing(event.target) || document.querySelector("dialog[open]")) return;
  if (Date.now() - waitingForPlace < 1200) {
    waitingForPlace = 0;
    const place = document.querySelector(`[data-key="g ${CSS.escape(event.key)}"]`);
    if (place) return void place.click();
  }
  if (event.key === "g") waitingForPlace = Date.now();
  const act = actions[event.key];
  if (!act) return;
  event.preventDefault();
  act();
});

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    document.getElementById("global-search")?.focus();
  }
});

const toggle = document.querySelector("[data-keys-switch]");
if (toggle) {
  toggle.checked = enabled();
  toggle.addEventListener("change", () => {
    if (toggle.checked) localStorage.removeItem(OFF);
    else localStorage.setItem(OFF, "yes");
  });
}
