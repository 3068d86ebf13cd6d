// What all drawings have in common: the library, the page's own colours in it, the keyboard.
export const FONT_PX = 12;
const TOKENS = ["ink", "ink-2", "ink-3", "line", "line-strong", "surface", "raised", "accent", "buoy", "good", "warn", "bad", "busy"];
let library;

/** Plotly, fetched once, when a drawing needs it. */
export function plotly(address) {
  library ??= new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: address });
    script.addEventListener("load", () => resolve(globalThis.Plotly));
    script.addEventListener("error", () => reject(new Error("Plotly could not be fetched")));
    document.head.append(script);
  });
  return library;
}

/** What the tokens are in this theme: only the browser can resolve light-dark(). */
export function colours() {
  const probe = document.createElement("span");
  document.body.append(probe);
  const found = {};
  for (const token of TOKENS) {
    probe.style.color = `var(--${token})`;
    found[token] = getComputedStyle(probe).color;
  }
  found.font = getComputedStyle(document.body).fontFamily;
  probe.remove();
  return found;
}

/** Calls `again` when the tokens have other colours. */
export function whenColoursChange(again) {
  new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) matchMedia(query).addEventListener("change", again);
}

/** Calls `draw` with each of `boxes` once it comes near the window. */
export function whenInView(boxes, draw) {
  const inView = new IntersectionObserver((entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      inView.unobserve(entry.target);
      draw(entry.target);
    }
  }, { rootMargin: "200px" });
  for (const box of boxes) inView.observe(box);
}

// Plotly reads texts as HTML of a kind.
export const plain = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
export const say = (detail) => document.dispatchEvent(new CustomEvent("slipway:say", { detail }));

/** Of an axis and of a whole drawing, what is the same in all. */
export function axisOf(c) {
  return { gridcolor: c.line, linecolor: c["line-strong"], zeroline: false, automargin: true, tickfont: { color: c["ink-2"] } };
}

/** What an axis tells, beside it. */
export const titled = (text, c) => ({ title: { text, standoff: 8, font: { size: FONT_PX, color: c["ink-2"] } } });

export function layoutOf(c) {
  return { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", margin: { l: 8, r: 16, t: 8, b: 8 },
    font: { family: c.font, size: FONT_PX, color: c.ink },
    hoverlabel: { bgcolor: c.raised, bordercolor: c["line-strong"], align: "left", font: { family: c.font, size: FONT_PX, color: c.ink } } };
}

/** The arrow keys go from point to point of the traces that have a `meta`, and say each: its texts are there. Left and
 * right go along a trace, up and down to the next one; where there is only one, up and down go along it too. */
export function byKeyboard(box, library) {
  let trace = 0;
  let at = -1;
  box.addEventListener("keydown", (event) => {
    const said = box.data.map((each, curve) => ({ ...each, curve })).filter((each) => each.meta && each.visible !== "legendonly");
    const along = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    const across = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!said.length || !(along || across)) return;
    event.preventDefault();
    const other = across && said.length > 1 && at >= 0;
    if (other) trace += across;
    trace = Math.min(Math.max(trace, 0), said.length - 1);
    const { meta, curve, xaxis = "x", yaxis = "y" } = said[trace];
    at = Math.min(Math.max(other ? at : at + (along ?? across), 0), meta.length - 1);
    library.Fx.hover(box, [{ curveNumber: curve, pointNumber: at }], xaxis + yaxis);
    say(meta[at]);
  });
  box.addEventListener("blur", () => library.Fx.unhover(box));
}
