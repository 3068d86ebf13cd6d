// Draws metrics with Plotly, from the numbers of the table beside the drawing. Colours are the page's own tokens, so a
// change of theme draws anew. The library is fetched when a drawing comes into view.
const FONT_PX = 12;
const LONGEST = 28;
const drawn = new Set();
let library;

function plotly(address) {
  library ??= new Promise((resolve, reject) => {
    const script = Object.assign(document.createElement("script"), { src: address });
    script.addEventListener("load", () => resolve(globalThis.Plotly));
    script.addEventListener("error", () => reject(new Error("Plotly could not be fetched")));
    document.head.append(script);
  });
  return library;
}

/** What the tokens are in this theme: only the browser can resolve light-dark(). */
function colours() {
  const probe = document.createElement("span");
  document.body.append(probe);
  const found = {};
  for (const token of ["ink", "ink-2", "ink-3", "line", "accent", "surface", "raised", "line-strong"]) {
    probe.style.color = `var(--${token})`;
    found[token] = getComputedStyle(probe).color;
  }
  found.font = getComputedStyle(document.body).fontFamily;
  probe.remove();
  return found;
}

/** [{version, value}] of a metric, oldest first. In the table of a model, versions are rows; side by side, columns. */
function pointsOf(table, kind, metric) {
  if (kind === "line") {
    const column = [...table.tHead.rows[0].cells].findIndex((cell) => cell.dataset.metric === metric);
    const rows = [...table.tBodies[0].rows].reverse();
    return rows.filter((row) => row.cells[column]?.dataset.value)
      .map((row) => ({ version: row.dataset.version, value: Number(row.cells[column].dataset.value) }));
  }
  const names = [...table.tHead.rows[0].cells].map((cell) => cell.dataset.version);
  const rows = [...table.querySelectorAll("tbody[data-metrics] tr")];
  const row = rows.find((each) => each.cells[0].dataset.metric === metric);
  if (!row) return [];
  return [...row.cells].slice(1).map((cell, i) => ({ version: names[i + 1], value: cell.dataset.value }))
    .filter((point) => point.value !== undefined).map((point) => ({ ...point, value: Number(point.value) }));
}

const short = (text) => (text.length > LONGEST ? `${text.slice(0, 12)}…${text.slice(-14)}` : text);
const shown = (value) => String(Number(value.toPrecision(5)));
// Plotly reads texts as HTML of a kind.
const plain = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");

function figure(kind, points, c) {
  const axis = { gridcolor: c.line, linecolor: c["line-strong"], zeroline: false, fixedrange: true, automargin: true,
    tickfont: { color: c["ink-2"] } };
  const layout = { paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false, dragmode: false,
    font: { family: c.font, size: FONT_PX, color: c.ink }, margin: { l: 8, r: 16, t: 8, b: 8 },
    hoverlabel: { bgcolor: c.raised, bordercolor: c["line-strong"], font: { family: c.font, size: FONT_PX, color: c.ink } } };
  const marker = { size: 9, color: c.accent, line: { color: c.surface, width: 1.5 } };
  const text = points.map((point) => plain(`${point.version}: ${shown(point.value)}`));
  const values = points.map((point) => point.value);
  if (kind === "line") {
    const places = points.map((_, i) => i);
    const step = Math.max(1, Math.ceil(points.length / 8));
    const marks = places.filter((i) => i % step === 0 || i === points.length - 1 && i % step > step / 2);
    return {
      data: [{ type: "scatter", mode: "lines+markers", x: places, y: values, text, hovertemplate: "%{text}<extra></extra>",
        line: { color: c.accent, width: 2 }, marker: { ...marker, size: points.length > 30 ? 5 : 8 } }],
      layout: { ...layout, height: 208,
        xaxis: { ...axis, showgrid: false, tickvals: marks, ticktext: marks.map((i) => `v${points[i].version.split(":").pop()}`) },
        yaxis: { ...axis, nticks: 5 } },
    };
  }
  const span = Math.max(...values) - Math.min(...values) || Math.abs(values[0]) || 1;
  return {
    data: [{ type: "scatter", mode: "markers+text", x: values, y: points.map((_, i) => i), text: values.map(shown),
      customdata: text, hovertemplate: "%{customdata}<extra></extra>", textposition: "top center", cliponaxis: false,
      textfont: { color: c.ink, size: FONT_PX }, marker: { ...marker, size: 11 } }],
    layout: { ...layout, height: 72 + 34 * points.length,
      xaxis: { ...axis, nticks: 4, range: [Math.min(...values) - span * 0.26, Math.max(...values) + span * 0.26] },
      yaxis: { ...axis, range: [points.length - 0.4, -0.8], tickvals: points.map((_, i) => i),
        ticktext: points.map((point) => plain(short(point.version))) } },
  };
}

async function draw(box) {
  const group = box.closest("[data-charts]");
  const kind = group.dataset.charts;
  const points = pointsOf(document.querySelector(group.dataset.source), kind, box.dataset.chart);
  if (points.length < 2) return;
  const library = await plotly(group.dataset.plotly);
  const { data, layout } = figure(kind, points, colours());
  await library.react(box, data, layout, { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false });
  if (!drawn.has(box)) byKeyboard(box, points, library);
  drawn.add(box);
  box.dataset.drawn = "yes";
}

/** The arrow keys go from value to value, and say each. */
function byKeyboard(box, points, library) {
  let at = -1;
  box.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 }[event.key];
    if (!step) return;
    event.preventDefault();
    at = Math.min(Math.max(at + step, 0), points.length - 1);
    library.Fx.hover(box, [{ curveNumber: 0, pointNumber: at }]);
    document.dispatchEvent(new CustomEvent("slipway:say", { detail: `${points[at].version}: ${shown(points[at].value)}` }));
  });
  box.addEventListener("blur", () => library.Fx.unhover(box));
}

const inView = new IntersectionObserver((entries) => {
  for (const entry of entries) {
    if (!entry.isIntersecting) continue;
    inView.unobserve(entry.target);
    draw(entry.target);
  }
}, { rootMargin: "200px" });
for (const box of document.querySelectorAll("[data-chart]")) inView.observe(box);

const again = () => { for (const box of drawn) draw(box); };
new MutationObserver(again).observe(document.documentElement, { attributeFilter: ["data-theme"] });
for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) matchMedia(query).addEventListener("change", again);
