// What a profile's charts are made of: how numbers are written, and traces whose points can be pointed at and said.
import { plain } from "./plotting.js";

export function short(value, digits = 4) {
  if (value === null || value === undefined) return "–";
  if (Math.abs(value) < 0.0005) return "0";
  return Math.abs(value) >= 10 ** (digits - 1) ? value.toFixed(0) : String(Number(value.toPrecision(digits)));
}

export const GB = 1024 ** 3;
export const MB = 1024 ** 2;
export const memory = (bytes) => (bytes >= GB ? `${short(bytes / GB)} GB` : `${(bytes / MB).toFixed(0)} MB`);

/** A trace that hovering and the arrow keys go through: `said` are the words of its points. */
export function told(said, trace) {
  return { ...trace, meta: said, hovertext: said.map(plain), hovertemplate: "%{hovertext}<extra></extra>" };
}

/** A trace that is only looked at. */
export const shown = (trace) => ({ hoverinfo: "skip", ...trace });

const SERIES = ["accent", "buoy", "busy", "good", "warn", "ink-2"];
const DASHES = ["solid", "dash", "dot", "dashdot"];
const SYMBOLS = ["circle", "square", "triangle-up", "cross"];

/** Colour, dash and symbol of the n-th line: never colour alone where there are many. */
export function series(n, c) {
  const round = Math.floor(n / SERIES.length) % DASHES.length;
  return { color: c[SERIES[n % SERIES.length]], dash: DASHES[round], symbol: SYMBOLS[n % SYMBOLS.length] };
}

/** A colour with so much of it, for areas behind lines. */
export const faint = (color, much) => color.replace(/^rgb\((.*)\)$/, `rgba($1, ${much})`);

/** The legend above the drawing; a click on an entry leaves its line out. */
export const legend = { showlegend: true, legend: { orientation: "h", x: 0, y: 1.02, yanchor: "bottom" } };

/** Ticks of a logarithmic axis of loads: the loads themselves. */
export function loads(values) {
  const all = [...new Set(values)].sort((a, b) => a - b);
  return { type: "log", tickvals: all, ticktext: all.map(String), range: [Math.log10(all[0]) - 0.1, Math.log10(all.at(-1)) + 0.1] };
}

const DECADES = [0.01, 0.1, 1, 10, 100, 1000, 10_000, 100_000];
const STEPS = [1, 2, 5];

/** An axis of milliseconds, from 0 or logarithmic with ticks of whole numbers. */
export function milliseconds(log) {
  if (!log) return { rangemode: "tozero", nticks: 6, ticksuffix: " ms" };
  const ticks = DECADES.flatMap((decade) => STEPS.map((step) => decade * step));
  return { type: "log", tickvals: ticks, ticktext: ticks.map((tick) => `${Number(tick.toPrecision(2))} ms`) };
}
