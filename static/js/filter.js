// The filter box of the models page: it filters while one types, keeps in step with chips, facets and history,
// and tells a screen reader how many models are left.
import { Combobox } from "./combobox.js";

const form = document.querySelector("[data-filter-form]");
const box = form?.elements.q;
const event = (name, detail) => document.dispatchEvent(new CustomEvent(name, { detail }));
let typing = false;

/** What somebody types is one step of the history, however often they pause. htmx takes `hx-push-url="false"` for an
 *  answer that leaves the address alone, whatever `hx-replace-url` says: only one of the two may be there. */
function remember(kind) {
  for (const each of ["push", "replace"]) form.removeAttribute(`hx-${each}-url`);
  form.setAttribute(`hx-${kind}-url`, "true");
}

function follow() {
  const asked = new URL(location.href).searchParams;
  if (document.activeElement !== box) box.value = asked.get("q") ?? "";
  form.elements.sort.value = asked.get("sort") ?? "";
  form.classList.toggle("filled", box.value !== "");
}

/** Groups that somebody folded or unfolded stay as they are when the list is drawn again. */
const folded = new Map();
function keepFolds(found) {
  for (const group of found.querySelectorAll("details[data-fold]")) {
    const open = folded.get(group.dataset.fold);
    if (open !== undefined) group.open = open;
    group.addEventListener("toggle", () => folded.set(group.dataset.fold, group.open));
  }
}

function drawn(found) {
  keepFolds(found);
  event("slipway:drawn");
}

if (form) {
  new Combobox(box, form.dataset.suggestions);
  if (new URL(location.href).searchParams.get("focus") === "q") box.focus();
  remember("push");
  keepFolds(document.getElementById("results"));

  box.addEventListener("input", () => form.classList.toggle("filled", box.value !== ""));
  box.addEventListener("blur", () => { typing = false; });
  form.querySelector("[data-clear]").addEventListener("click", () => {
    box.value = "";
    box.focus();
    box.dispatchEvent(new Event("input", { bubbles: true }));
  });

  document.addEventListener("htmx:configRequest", ({ detail }) => {
    if (detail.elt !== form) return;
    const entered = detail.triggeringEvent?.type === "submit";
    remember(typing && !entered ? "replace" : "push");
    typing = !entered;
    // An address without empty parts is one people can read and share; an empty q overrides the default view.
    const { parameters } = detail;
    parameters.q = parameters.q.trim();
    if (parameters.sort === "") delete parameters.sort;
    if (parameters.q === "" && !("default" in form.dataset)) delete parameters.q;
  });
  document.addEventListener("htmx:pushedIntoHistory", follow);
  document.addEventListener("htmx:replacedInHistory", follow);
  document.addEventListener("htmx:afterSettle", ({ detail }) => {
    if (detail.target.id !== "results") return;
    drawn(detail.target);
    const count = detail.target.querySelector("[data-count]");
    if (count) event("slipway:say", count.dataset.count);
  });
  for (const failure of ["htmx:sendError", "htmx:responseError"]) {
    document.addEventListener(failure, ({ detail }) => {
      if (detail.target?.id !== "results") return;
      event("slipway:toast", { text: "The studio did not answer; the list is as it was before.", tone: "bad" });
    });
  }
}
