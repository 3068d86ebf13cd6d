// The charts of one size of a profile, as static/js/profile_sizes.js has those of all.
import { axisOf, layoutOf, titled } from "./plotting.js";
import { filled, goal } from "./profile_sizes.js";
import { faint, legend, loads, MB, memory, milliseconds, short, shown, told } from "./profile_traces.js";

const closedOf = (numbers) => numbers.sizes.find((size) => size.id === numbers.size)?.points.filter((point) => point.mode === "closed") ?? [];

const PERCENTILES = [["50", "solid", "accent", "circle"], ["90", "dash", "busy", "square"], ["95", "solid", "buoy", "triangle-up"], ["99", "dot", "ink-2", "cross"]];

/** Percentiles of latency by requests at a time, with the goal across. */
export function percentiles(numbers, c) {
  const points = closedOf(numbers);
  if (!points.length) return null;
  const x = points.map((point) => point.load);
  return {
    data: PERCENTILES.map(([p, dash, token, symbol]) => told(
      points.map((point) => `${short(point.load)} at a time: p${p} ${short(point[`p${p}_ms`])} ms${point.stable ? "" : " (unstable)"}`),
      { type: "scatter", mode: "lines+markers", name: `p${p}`, x, y: points.map((point) => point[`p${p}_ms`]), cliponaxis: false,
        line: { color: c[token], width: 2, dash }, marker: { color: c[token], size: 8, line: { color: c[token], width: 1.5 }, symbol: points.map((point) => (point.stable ? symbol : `${symbol}-open`)) } })),
    layout: { ...layoutOf(c), ...legend, ...goal(numbers, c), height: 300, hovermode: "closest",
      xaxis: { ...axisOf(c), ...loads(x), showgrid: false, ...titled("requests at a time", c) },
      yaxis: { ...axisOf(c), ...milliseconds(numbers.log) } },
  };
}

const STAGES = [["model", "model", "accent"], ["queue", "queue", "busy"], ["other", "other", "warn"], ["client", "client", "buoy"]];

/** Where a mean request's time goes, by requests at a time. */
export function stages(numbers, c) {
  const points = closedOf(numbers).filter((point) => point.stages);
  if (!points.length) return null;
  const at = points.map((point) => short(point.load));
  return {
    data: STAGES.map(([key, name, token], n) => told(
      points.map((point) => `${short(point.load)} at a time: ${name} ${short(point.stages[key], 3)} ms`),
      { type: "bar", name, x: at, y: points.map((point) => point.stages[key]), marker: filled(c[token], n, c) })),
    layout: { ...layoutOf(c), ...legend, height: 300, barmode: "stack", hovermode: "closest", dragmode: false, bargap: 0.35,
      xaxis: { ...axisOf(c), type: "category", showgrid: false, fixedrange: true, ...titled("requests at a time", c) },
      yaxis: { ...axisOf(c), rangemode: "tozero", nticks: 6, ticksuffix: " ms", fixedrange: true } },
  };
}

/** What it used while it was measured, second by second: cores above, memory below. */
export function used(numbers, c) {
  const size = numbers.sizes.find((each) => each.id === numbers.size);
  const lines = numbers.timeline;
  if (!size || !lines.length) return null;
  const x = lines.map((line) => line[0]);
  const at = (line) => `${short(line[0], 3)} s, ${short(line[4])} at a time`;
  const held = lines.some((line) => line[3] !== null);
  const ends = [x[0], x.at(-1)];
  const peak = Math.max(...lines.map((line) => line[2]));
  // A limit far above would press the line flat.
  const near = size.limit < 3 * peak;
  const far = near ? [] : [{ xref: "paper", x: 1, yref: "paper", y: 0.42, xanchor: "right", yanchor: "top", showarrow: false, text: `limit ${memory(size.limit)} ↑`, font: { color: c.bad } }];
  const marks = stretches(lines, c);
  return {
    data: [
      held && told(lines.map((line) => `${at(line)}: held back ${short((line[3] ?? 0) * 100, 2)} % of the time`), { type: "scatter", mode: "lines", name: "time held back", x, y: lines.map((line) => (line[3] === null ? null : line[3] * 100)), yaxis: "y3",
        fill: "tozeroy", fillcolor: faint(c.warn, 0.25), line: { color: c.warn, width: 1, shape: "hv" } }),
      told(lines.map((line) => `${at(line)}: ${short(line[1], 3)} cores`), { type: "scatter", mode: "lines+markers", name: "cores", x, y: lines.map((line) => line[1]), line: { color: c.accent, width: 2 }, marker: { color: c.accent, size: 4 } }),
      numbers.limited && limit("CPU limit", ends, size.cpu, "y", c),
      told(lines.map((line) => `${at(line)}: ${memory(line[2])}`), { type: "scatter", mode: "lines+markers", name: "memory", x, y: lines.map((line) => line[2] / MB), yaxis: "y2", line: { color: c.busy, width: 2, dash: "solid" }, marker: { color: c.busy, size: 4, symbol: "square" } }),
      near && limit("memory limit", ends, size.limit / MB, "y2", c),
    ].filter(Boolean),
    layout: { ...layoutOf(c), ...legend, height: 400, hovermode: "closest", shapes: marks.shapes, annotations: [...marks.annotations, ...far],
      xaxis: { ...axisOf(c), showgrid: false, ticksuffix: " s", nticks: 8, anchor: "y2" },
      yaxis: { ...axisOf(c), rangemode: "tozero", nticks: 4, domain: [0.5, 0.94], ...titled("cores", c) },
      yaxis2: { ...axisOf(c), range: [0, (near ? 1.15 * size.limit : 1.4 * peak) / MB], nticks: 4, domain: [0, 0.42], ...titled("MB", c) },
      yaxis3: { ...axisOf(c), overlaying: "y", side: "right", showgrid: false, range: [0, Math.max(105, ...lines.map((line) => (line[3] ?? 0) * 105))], nticks: 4, ticksuffix: " %", visible: held } },
  };
}

function limit(name, ends, y, yaxis, c) {
  return shown({ type: "scatter", mode: "lines", name, x: ends, y: [y, y], yaxis, line: { color: c.bad, width: 1.5, dash: yaxis === "y" ? "dash" : "dashdot" } });
}

/** A line where another load begins, with how many requests at a time it is. */
function stretches(lines, c) {
  const begins = lines.filter((line, i) => !i || line[4] !== lines[i - 1][4]);
  const whole = lines.at(-1)[0] - lines[0][0] || 1;
  const wide = begins.filter((line, i) => ((begins[i + 1] ?? lines.at(-1))[0] - line[0]) / whole > 0.035);
  return {
    shapes: begins.slice(1).map((line) => ({ type: "line", x0: line[0], x1: line[0], yref: "paper", y0: 0, y1: 1, line: { color: c.line, width: 1 } })),
    annotations: wide.map((line) => ({ x: line[0], yref: "paper", y: 1, xanchor: "left", yanchor: "top", showarrow: false, text: short(line[4], 2), font: { color: c["ink-3"], size: 11 } })),
  };
}
