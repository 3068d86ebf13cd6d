// The charts of all sizes of a profile. Each takes (numbers of the page, colours, whether there is little room) and
// returns {data, layout}, or null where there is nothing to draw.
import { axisOf, layoutOf, plain, titled } from "./plotting.js";
import { faint, GB, legend, MB, memory, milliseconds, series, short, shown, told } from "./profile_traces.js";

/** Room for so many bars, below a legend that wraps where it is narrow. */
const heightOf = (bars, narrow) => (narrow ? 120 + 42 * bars : 76 + 34 * bars);

/** p of latency against throughput: a line for each size, its knee in a ring. */
export function throughput(numbers, c) {
  const sizes = numbers.compared.map((id) => numbers.sizes.find((size) => size.id === id));
  if (!sizes.length) return null;
  const key = `p${numbers.percentile}_ms`;
  const data = [frontier(sizes, key, c), ...sizes.flatMap((size, n) => curves(size, key, numbers.percentile, series(n, c), c))];
  return {
    data: data.filter(Boolean),
    layout: { ...layoutOf(c), ...legend, height: 420, hovermode: "closest", shapes: goal(numbers, c).shapes, annotations: goal(numbers, c).annotations,
      xaxis: { ...axisOf(c), rangemode: "tozero", ...titled("requests/s", c) },
      yaxis: { ...axisOf(c), ...milliseconds(numbers.log), ...titled(`p${numbers.percentile}`, c) } },
  };
}

function curves(size, key, percentile, look, c) {
  const closed = size.points.filter((point) => point.mode === "closed");
  const open = size.points.filter((point) => point.mode === "open");
  const knee = closed.find((point) => point.load === size.knee);
  const place = (points) => ({ x: points.map((point) => point.throughput), y: points.map((point) => point[key]) });
  const words = (point) => {
    const load = point.mode === "closed" ? `${short(point.load)} at a time` : `${short(point.load)} requests/s, open loop`;
    const marks = [point === knee && "knee", !point.stable && "unstable"].filter(Boolean).join(", ");
    return `${size.title}, ${load}: ${short(point.throughput)} requests/s, p${percentile} ${short(point[key])} ms${marks && ` (${marks})`}`;
  };
  const marker = (points, symbol, px) => ({ color: look.color, size: px, line: { width: 1.5, color: look.color },
    symbol: points.map((point) => (point.stable ? symbol : `${symbol}-open`)) });
  const common = { type: "scatter", legendgroup: `${size.id}`, name: plain(size.title) };
  return [
    knee && shown({ ...common, ...place([knee]), mode: "markers+text", showlegend: false, text: ["knee"], textposition: "bottom right",
      textfont: { color: look.color }, cliponaxis: false, marker: { symbol: "circle-open", size: 20, color: look.color, line: { width: 2 } } }),
    told(closed.map(words), { ...common, ...place(closed), mode: "lines+markers", cliponaxis: false,
      line: { color: look.color, width: 2, dash: look.dash }, marker: marker(closed, look.symbol, 8) }),
    open.length && told(open.map(words), { ...common, ...place(open), mode: "markers", showlegend: false, cliponaxis: false, marker: marker(open, "diamond", 11) }),
  ].filter(Boolean);
}

/** The points that nothing measured beats in both latency and throughput. */
function frontier(sizes, key, c) {
  const points = sizes.flatMap((size) => size.points).filter((point) => point.mode === "closed").sort((a, b) => b.throughput - a.throughput || a[key] - b[key]);
  let least = Infinity;
  const best = points.filter((point) => point[key] < least && (least = point[key], true)).reverse();
  if (best.length < 2) return null;
  return shown({ type: "scatter", mode: "lines", name: "frontier", x: best.map((point) => point.throughput), y: best.map((point) => point[key]),
    line: { color: faint(c["ink-3"], 0.55), width: 7, dash: "dot" } });
}

/** The goal as a line across, with its words. */
export function goal(numbers, c) {
  if (!numbers.goal_ms) return { shapes: [], annotations: [] };
  const y = numbers.goal_ms;
  return {
    shapes: [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: y, y1: y, line: { color: c.bad, width: 1.5, dash: "dash" } }],
    annotations: [{ xref: "paper", x: 0, y: numbers.log ? Math.log10(y) : y, text: `goal ${short(y)} ms`, showarrow: false, xanchor: "left", yanchor: "bottom", font: { color: c.bad } }],
  };
}

/** Sizes as rows, the first on top. */
function rows(sizes, c) {
  return { ...axisOf(c), tickvals: sizes.map((_, i) => i), ticktext: sizes.map((size) => plain(size.title)), range: [sizes.length - 0.4, -0.6], showgrid: false, fixedrange: true };
}

/** What each size held at most, and its limit where that is near enough to be seen. */
export function held({ sizes: all }, c, narrow) {
  const sizes = all.filter((size) => size.peak || size.died);
  if (!sizes.length) return null;
  const most = Math.max(...sizes.map((size) => size.peak ?? 0), ...sizes.filter((size) => size.died).map((size) => size.limit));
  const seen = most * 1.8; // limits up to there
  const ends = sizes.map((size) => Math.max(size.peak ?? 0, size.limit <= seen ? size.limit : 0) / MB);
  const y = sizes.map((_, i) => i);
  const peaks = sizes.map((size) => (size.peak ?? 0) / MB);
  const words = (size) => `${size.title}: ${size.peak ? `held ${memory(size.peak)} of ${memory(size.limit)}, ${short((100 * size.peak) / size.limit, 2)} %` : "held nothing that was read"}${size.died ? `. Died: ${size.died}` : ""}`;
  const near = sizes.map((size, i) => ({ size, i })).filter(({ size }) => size.limit <= seen);
  const died = sizes.map((size, i) => ({ size, i })).filter(({ size }) => size.died);
  return {
    data: [
      told(sizes.map(words), { type: "bar", orientation: "h", x: peaks, y, width: 0.55, name: "held at most", cliponaxis: false,
        marker: { color: c.accent } }),
      near.length && shown({ type: "scatter", mode: "markers", name: "limit", x: near.map(({ size }) => size.limit / MB), y: near.map(({ i }) => i),
        marker: { symbol: "line-ns-open", size: 24, color: c.ink, line: { width: 2.5 } } }),
      died.length && shown({ type: "scatter", mode: "markers", name: "died", x: died.map(({ size }) => size.limit / MB), y: died.map(({ i }) => i), cliponaxis: false,
        marker: { symbol: "x", size: 11, color: c.bad } }),
      // Behind the bar, or behind its limit: never across it.
      shown({ type: "scatter", mode: "text", showlegend: false, x: ends, y, cliponaxis: false,
        text: sizes.map((size) => `  ${size.died ? `died at ${memory(size.limit)}` : `${memory(size.peak)} of ${memory(size.limit)}`}`), textposition: "middle right",
        textfont: { color: sizes.map((size) => (size.died ? c.bad : c.ink)) } }),
    ].filter(Boolean),
    layout: { ...layoutOf(c), ...legend, height: heightOf(sizes.length, narrow), hovermode: "closest", dragmode: false,
      xaxis: { ...axisOf(c), range: [0, Math.max(...ends) * (narrow ? 2.1 : 1.5)], ticksuffix: " MB", nticks: narrow ? 4 : 5, fixedrange: true }, yaxis: rows(sizes, c) },
  };
}

/** What each core brings: the throughput at the knee, and p95 there. */
export function cost(numbers, c) {
  const sizes = numbers.sizes.filter((size) => numbers.compared.includes(size.id) && size.knee);
  if (!sizes.length) return null;
  const groups = Map.groupBy ? Map.groupBy(sizes, group) : grouped(sizes);
  const data = [...groups].flatMap(([name, same], n) => costs(name, same, n, groups.size > 1, c));
  return {
    data,
    layout: { ...layoutOf(c), ...legend, height: 300, hovermode: "closest",
      xaxis: { ...axisOf(c), rangemode: "tozero", ...titled("CPU cores", c) },
      yaxis: { ...axisOf(c), rangemode: "tozero", nticks: 5, ...titled("requests/s", c) },
      yaxis2: { ...axisOf(c), rangemode: "tozero", nticks: 5, overlaying: "y", side: "right", showgrid: false, ticksuffix: " ms" } },
  };
}

const group = (size) => `${memory(size.limit)}${size.onnx ? ", ONNX" : ""}`;
function grouped(sizes) {
  const found = new Map();
  for (const size of sizes) found.set(group(size), [...(found.get(group(size)) ?? []), size]);
  return found;
}

function costs(name, sizes, n, named, c) {
  const same = [...sizes].sort((a, b) => a.cpu - b.cpu);
  const knees = same.map((size) => size.points.find((point) => point.mode === "closed" && point.load === size.knee));
  const x = same.map((size) => size.cpu);
  const many = series(n * 2, c);
  const late = series(n * 2 + 1, c);
  const words = (i) => `${same[i].title} at the knee, ${short(knees[i].load)} at a time: ${short(knees[i].throughput)} requests/s, ${short(knees[i].throughput / x[i])} for each core, p95 ${short(knees[i].p95_ms)} ms`;
  const said = same.map((_, i) => words(i));
  const of = named ? ` (${name})` : "";
  return [
    told(said, { type: "scatter", mode: "lines+markers", name: `requests/s${of}`, x, y: knees.map((point) => point.throughput), line: { color: many.color, width: 2 }, marker: { symbol: "circle", size: 9, color: many.color } }),
    told(said, { type: "scatter", mode: "lines+markers", name: `p95${of}`, yaxis: "y2", x, y: knees.map((point) => point.p95_ms), line: { color: late.color, width: 2, dash: "dot" }, marker: { symbol: "square", size: 8, color: late.color } }),
  ];
}

const PARTS = [["pull_s", "pull the image", "warn"], ["start_s", "start", "busy"], ["load_s", "load the model", "accent"], ["first_ms", "first prediction", "buoy"]];
const PATTERNS = ["", "/", "x", "."];

/** What goes into the time from asking for a workload to its first answer. */
export function cold({ sizes: all }, c, narrow) {
  const sizes = all.filter((size) => size.cold);
  if (!sizes.length) return null;
  const seconds = (size, key) => (key === "first_ms" ? size.cold.first_ms / 1000 : size.cold[key]);
  return {
    data: PARTS.filter(([key]) => sizes.some((size) => seconds(size, key) > 0)).map(([key, name, token], n) => told(
      sizes.map((size) => `${size.title}: ${name} ${short(seconds(size, key), 3)} s`),
      { type: "bar", orientation: "h", width: 0.55, name, x: sizes.map((size) => seconds(size, key)), y: sizes.map((_, i) => i), marker: filled(c[token], n, c) })),
    layout: { ...layoutOf(c), ...legend, height: heightOf(sizes.length, narrow), barmode: "stack", hovermode: "closest", dragmode: false,
      xaxis: { ...axisOf(c), ticksuffix: " s", nticks: 5, fixedrange: true, rangemode: "tozero" }, yaxis: rows(sizes, c) },
  };
}

/** A bar's part, told apart by its pattern too. */
export function filled(color, n, c) {
  return { color: n ? faint(color, 0.85) : color, line: { width: 1, color: c.surface },
    pattern: PATTERNS[n] ? { shape: PATTERNS[n], fgcolor: c.surface, size: 6, solidity: 0.22, fillmode: "overlay" } : {} };
}
