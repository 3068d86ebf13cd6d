// Draws a service's metrics with Plotly, from the numbers that the page carries and live_parts.js keeps fresh. All
// charts show the same time: zooming one zooms all.
import { axisOf, colours, layoutOf, plotly, say, whenColoursChange, whenInView } from "./plotting.js";

const HEIGHT_PX = 240;
const SPARSE = 120; // up to so many points each has a mark
const root = document.querySelector("[data-metrics]");
const drawn = new Map(); // chart's element -> what its points say
const watched = new WeakSet(); // these are drawn once they come into view
let zoom = zoomOfAddress();
let zooming = false;

const numbers = () => JSON.parse(document.getElementById("metrics-numbers").textContent);
const two = (n) => String(n).padStart(2, "0");
// Plotly shows times as they are written: so they are written in the reader's time zone.
function local(seconds) {
  const at = new Date(seconds * 1000);
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
}
const secondsOf = (text) => Date.parse(String(text).replace(" ", "T")) / 1000;

/** Points between gaps would not be seen without a mark. */
function marker(values, color) {
  const alone = (i) => values[i - 1] == null && values[i + 1] == null;
  return { color, line: { width: 0 }, size: values.map((_, i) => (values.length <= SPARSE ? 4 : alone(i) ? 5 : 0)), opacity: 1 };
}

function line(x, y, name, color, more = {}) {
  const { dash = "solid", unit = "", ...rest } = more;
  return { type: "scatter", mode: "lines+markers", x, y, name, connectgaps: false, hovertemplate: `%{y:.4~g}${unit}`,
    line: { color, width: 2, dash }, marker: marker(y, color), ...rest };
}

const limit = (x, y, name, color, more = {}) => ({ ...line(x, y, name, color, { dash: "dash", ...more }), mode: "lines" });

function bars(x, y, name, color, shape, step) {
  return { type: "bar", x, y, name, offset: 0, width: step * 1000, hovertemplate: "%{y:.4~g}",
    marker: { color, line: { width: 0 }, pattern: shape ? { shape, fgcolor: color, bgcolor: "rgba(0,0,0,0)", size: 5, solidity: 0.6 } : {} } };
}

const scaled = (values, by) => values.map((value) => (value === null ? null : value / by));

const TRACES = {
  requests: (x, n, c, step) => [
    bars(x, n.ok, "OK", c.accent, "", step),
    bars(x, n.client_errors, "Client errors", c.warn, "/", step),
    bars(x, n.errors, "Errors", c.bad, "x", step),
  ],
  latency: (x, n, c) => [
    line(x, n.p50_ms, "p50", c.accent, { unit: " ms" }),
    line(x, n.p95_ms, "p95", c.busy, { dash: "dash", unit: " ms" }),
    line(x, n.p99_ms, "p99", c["ink-2"], { dash: "dot", unit: " ms" }),
  ],
  cpu: (x, n, c) => [line(x, n.cpu, "Cores", c.accent), limit(x, n.cpu_limit, "Limit", c["ink-2"])],
  memory: (x, n, c) => [
    line(x, scaled(n.memory_bytes, 1e6), "Memory", c.accent, { unit: " MB" }),
    limit(x, scaled(n.memory_limit_bytes, 1e6), "Limit", c["ink-2"], { unit: " MB" }),
  ],
  replicas: (x, n, c) => {
    const both = [line(x, n.replicas, "Ready", c.accent), limit(x, n.wanted_replicas, "Wanted", c["ink-2"])];
    return both.map((trace) => ({ ...trace, line: { ...trace.line, shape: "hv" } }));
  },
};
const SUFFIX = { latency: " ms", memory: " MB" };

function frameOf(name, data, c) {
  const axis = axisOf(c);
  const marks = data.marks.map((mark) => local(mark.at));
  const coarse = matchMedia("(pointer: coarse)").matches; // there a drag moves the page
  return {
    ...layoutOf(c), height: HEIGHT_PX, barmode: "stack", bargap: 0,
    dragmode: coarse ? false : "zoom", hovermode: "x unified", uirevision: "same",
    showlegend: true, legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom", traceorder: "normal", itemclick: false, itemdoubleclick: false },
    xaxis: { ...axis, type: "date", showgrid: false, range: (zoom ?? [data.from, data.to]).map(local), nticks: 6,
      hoverformat: data.step < 60 ? "%b %-d, %H:%M:%S" : "%b %-d, %H:%M" },
    yaxis: { ...axis, fixedrange: true, rangemode: "tozero", nticks: 5, ticksuffix: SUFFIX[name] ?? "", ...(name === "replicas" && mostOf(data.columns) <= 5 ? { dtick: 1 } : {}) },
    shapes: marks.map((x) => ({ type: "line", x0: x, x1: x, y0: 0, y1: 1, yref: "paper", line: { color: c["ink-3"], width: 1.5, dash: "dashdot" } })),
  };
}

const mostOf = (columns) => Math.max(...columns.replicas, ...columns.wanted_replicas);

async function draw(box) {
  const library = await plotly(root.dataset.plotly);
  const data = numbers();
  const name = box.dataset.metricsChart;
  const x = Array.from({ length: data.columns.ok.length }, (_, i) => local(data.from + i * data.step));
  const traces = TRACES[name](x, data.columns, colours(), data.step).filter((trace) => trace.y.some((value) => value !== null));
  const layout = frameOf(name, data, colours());
  await library.react(box, traces, layout, { displayModeBar: false, responsive: true, scrollZoom: false, doubleClick: false });
  if (!drawn.has(box)) listen(box, library);
  drawn.set(box, { traces, x });
  box.dataset.drawn = "yes";
}

function redraw() {
  for (const box of drawn.keys()) {
    if (box.isConnected) draw(box);
    else drawn.delete(box);
  }
}

// Zooming: [from, to] in seconds, or null for the whole range.

function zoomOfAddress() {
  const [from, to] = (new URLSearchParams(location.search).get("zoom") ?? "").split("-").map(Number);
  return from && to > from ? [from, to] : null;
}

async function zoomTo(range) {
  const data = numbers();
  const least = 3 * data.step;
  if (range && range[1] - range[0] < least) range = [range[0], range[0] + least];
  zoom = range && (range[0] > data.from || range[1] < data.to) ? range.map(Math.round) : null;
  address("zoom", zoom?.join("-"));
  for (const each of document.querySelectorAll("[data-zoomed]")) each.hidden = !zoom;
  const library = await plotly(root.dataset.plotly);
  const shown = (zoom ?? [data.from, data.to]).map(local);
  zooming = true;
  await Promise.all([...drawn.keys()].map((box) => library.relayout(box, { "xaxis.range": shown })));
  zooming = false;
  say(`${shown[0]} – ${shown[1]}`);
}

/** Nearer, around `middle` or what is shown; a factor above 1 goes back. */
function zoomBy(factor, middle) {
  const data = numbers();
  const [from, to] = zoom ?? [data.from, data.to];
  const half = ((to - from) / 2) * factor;
  const at = middle ?? (from + to) / 2;
  zoomTo([Math.max(at - half, data.from), Math.min(at + half, data.to)]);
}

function address(name, value) {
  const url = new URL(location.href);
  if (value) url.searchParams.set(name, value);
  else url.searchParams.delete(name);
  history.replaceState(null, "", url);
}

// The chart that is used: by dragging, or by keys.

function listen(box, library) {
  box.on("plotly_relayout", (change) => {
    if (zooming) return;
    const range = [change["xaxis.range[0]"], change["xaxis.range[1]"]];
    if (range[0] !== undefined) zoomTo(range.map(secondsOf));
  });
  box.on("plotly_doubleclick", () => zoomTo(null));
  let at = -1;
  box.addEventListener("keydown", (event) => {
    const { traces, x } = drawn.get(box);
    const last = x.length - 1;
    const go = { ArrowRight: at + 1, ArrowLeft: at < 0 ? last : at - 1, Home: 0, End: last }[event.key];
    if (go !== undefined) {
      at = Math.min(Math.max(go, 0), last);
      library.Fx.hover(box, traces.map((_, i) => ({ curveNumber: i, pointNumber: at })));
      say(`${x[at].slice(5)}: ${told(traces, at)}`);
    } else if (event.key === "+") zoomBy(0.5, at < 0 ? undefined : secondsOf(x[at]));
    else if (event.key === "-") zoomBy(2);
    else if (event.key === "0") zoomTo(null);
    else return;
    event.preventDefault();
  });
  box.addEventListener("blur", () => library.Fx.unhover(box));
}

function told(traces, at) {
  const known = traces.filter((trace) => trace.y[at] !== null);
  if (!known.length) return "not measured";
  return known.map((trace) => `${trace.name} ${Number(trace.y[at].toPrecision(4))}`).join(", ");
}

// The page around the charts.

const clock = new Intl.DateTimeFormat(document.documentElement.lang, {
  month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit", hourCycle: "h23",
});
function times() {
  for (const time of document.querySelectorAll("time[data-moment]")) time.textContent = clock.format(new Date(time.dateTime));
  for (const zone of document.querySelectorAll("[data-zone]")) zone.textContent = Intl.DateTimeFormat().resolvedOptions().timeZone;
}

function watch() {
  const fresh = [...root.querySelectorAll("[data-metrics-chart]")].filter((box) => !watched.has(box));
  for (const box of fresh) watched.add(box);
  whenInView(fresh, draw);
}

function setLive(button, live) {
  button.setAttribute("aria-pressed", String(live));
  for (const part of document.querySelectorAll("[data-metrics-part]")) part.toggleAttribute("data-part", live);
  address("live", live ? "" : "off");
}

document.addEventListener("click", (event) => {
  const live = event.target.closest("[data-live]");
  if (live) setLive(live, live.getAttribute("aria-pressed") !== "true");
  const nearer = event.target.closest("[data-zoom]");
  if (nearer) zoomBy(Number(nearer.dataset.zoom));
  if (event.target.closest("[data-zoom-all]")) zoomTo(null);
});
document.addEventListener("slipway:parts", () => { times(); redraw(); watch(); });
whenColoursChange(redraw);
for (const each of document.querySelectorAll("[data-zoomed]")) each.hidden = !zoom;
times();
watch();
