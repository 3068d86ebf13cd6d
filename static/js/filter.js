// The filter box: removing a chip keeps the box in step, and a screen reader hears how many models are left.
const form = document.querySelector("[data-filter-form]");

function follow() {
  const asked = new URL(location.href).searchParams;
  if (document.activeElement !== form.elements.q) form.elements.q.value = asked.get("q") ?? "";
  form.elements.framework.value = asked.get("framework") ?? "";
}

if (form) {
  if (new URL(location.href).searchParams.get("focus") === "q") form.elements.q.focus();
  window.addEventListener("popstate", () => location.reload());
  document.addEventListener("htmx:pushedIntoHistory", follow);
  document.addEventListener("htmx:configRequest", (event) => {
    // An address without empty parts is one people can read and share.
    const { parameters } = event.detail;
    for (const name of ["q", "framework"]) if (parameters[name] === "") delete parameters[name];
  });
  document.addEventListener("htmx:sendError", () => {
    document.dispatchEvent(new CustomEvent("slipway:toast", {
      detail: { text: "The studio did not answer; the list is as it was before.", tone: "bad" },
    }));
  });
}
