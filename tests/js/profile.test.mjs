import assert from "node:assert/strict";
import test from "node:test";

import { csvOf } from "../../static/js/plot_saving.js";
import { percentiles, stages, used } from "../../static/js/profile_one.js";
import { cold, cost, held, throughput } from "../../static/js/profile_sizes.js";

const MB = 1024 ** 2;
const colours = new Proxy({}, { get: (_, token) => `rgb(${token.length}, 0, 0)` });
const point = (load, rate, p95, more = {}) => ({
  mode: "closed", load, stable: true, throughput: rate, p50_ms: p95 / 2, p90_ms: p95 * 0.9, p95_ms: p95, p99_ms: p95 * 2,
  stages: { client: 1, queue: 2, model: 3, other: 4 }, ...more,
});
const size = (id, cpu, points, more = {}) => ({
  id, title: `${cpu} CPU, 1 GB`, cpu, limit: 1024 * MB, onnx: false, purpose: "cpu", died: null, peak: 100 * MB, idle: 90 * MB,
  cold: { pull_s: 0, start_s: 1, load_s: 2, first_ms: 500 }, knee: 2, points, ...more,
});
const numbers = (sizes, more = {}) => ({
  percentile: "95", log: true, goal_ms: null, limited: true, compared: sizes.map(({ id }) => id), size: sizes[0]?.id ?? null, sizes, timeline: [], ...more,
});
const two = () => numbers([
  size(1, 0.5, [point(1, 50, 10), point(2, 90, 12, { stable: false })]),
  size(2, 1, [point(1, 100, 5), point(2, 180, 8), point(90, 90, 6, { mode: "open" })]),
]);
const named = ({ data }, name) => data.filter((trace) => trace.name === name);

test("where nothing was measured nothing is drawn", () => {
  for (const figure of [throughput, held, cost, cold, percentiles, stages, used]) assert.equal(figure(numbers([]), colours), null);
});

test("unstable points are hollow, open loops are diamonds, knees have a ring", () => {
  const [ring, line] = named(throughput(two(), colours), "0.5 CPU, 1 GB");
  assert.deepEqual([ring.x, ring.text, ring.marker.symbol], [[90], ["knee"], "circle-open"]);
  assert.deepEqual(line.marker.symbol, ["circle", "circle-open"]);
  assert.equal(line.meta[1], "0.5 CPU, 1 GB, 2 at a time: 90 requests/s, p95 12 ms (knee, unstable)");
  assert.deepEqual(named(throughput(two(), colours), "1 CPU, 1 GB").at(-1).marker.symbol, ["diamond"]);
});

test("the frontier leaves out what something else beats in both", () => {
  const [frontier] = named(throughput(two(), colours), "frontier");
  assert.deepEqual([frontier.x, frontier.y], [[100, 180], [5, 8]]);
});

test("the goal is a line, on a logarithmic axis too", () => {
  const linear = throughput({ ...two(), goal_ms: 100, log: false }, colours).layout;
  assert.deepEqual([linear.shapes[0].y0, linear.annotations[0].y], [100, 100]);
  const log = percentiles({ ...two(), goal_ms: 100 }, colours).layout;
  assert.deepEqual([log.shapes[0].y0, log.annotations[0].y], [100, 2]);
});

test("names are not read as markup", () => {
  const { data } = throughput(numbers([size(1, 1, [point(1, 5, 5)], { title: "<b>x</b>" })]), colours);
  assert.equal(data.at(-1).name, "&lt;b&gt;x&lt;/b&gt;");
  assert.match(data.at(-1).hovertext[0], /^&lt;b&gt;/);
  assert.match(data.at(-1).meta[0], /^<b>x/);
});

test("a limit far above what was held is not drawn, one near it is, and where it died is marked", () => {
  const died = size(3, 1, [], { limit: 64 * MB, peak: null, died: "out of memory" });
  const figure = held(numbers([size(1, 1, [point(1, 5, 5)]), size(2, 1, [], { limit: 128 * MB }), died]), colours);
  assert.deepEqual(named(figure, "limit")[0].x, [128, 64]);
  assert.deepEqual(named(figure, "died")[0].x, [64]);
  assert.match(named(figure, "held at most")[0].meta[2], /Died: out of memory/);
  assert.deepEqual(figure.data.at(-1).text.map((text) => text.trim()), ["100 MB of 1 GB", "100 MB of 128 MB", "died at 64 MB"]);
});

test("what a core brings is told at the knee of each size, smallest first", () => {
  const [rate] = cost(numbers([size(2, 1, [point(2, 180, 8)]), size(1, 0.5, [point(2, 90, 12)])]), colours).data;
  assert.deepEqual([rate.x, rate.y], [[0.5, 1], [90, 180]]);
  assert.match(rate.meta[0], /90 requests\/s, 180 for each core, p95 12 ms/);
});

test("parts of a start and of a request are stacked, and those without time left out", () => {
  assert.deepEqual(cold(two(), colours).data.map((trace) => [trace.name, trace.x[0]]), [["start", 1], ["load the model", 2], ["first prediction", 0.5]]);
  assert.deepEqual(stages(two(), colours).data.map((trace) => [trace.name, trace.y[0]]), [["model", 3], ["queue", 2], ["other", 4], ["client", 1]]);
});

test("use over time has the CPU limit where there is one", () => {
  const timeline = [[0, null, 90 * MB, null, 1], [1, 0.4, 100 * MB, 0.2, 1], [2, 0.5, 100 * MB, 0.1, 2]];
  const limited = used({ ...two(), timeline }, colours);
  assert.deepEqual(limited.data.map((trace) => trace.name), ["time held back", "cores", "CPU limit", "memory"]);
  assert.deepEqual(limited.layout.annotations.map(({ text }) => text), ["1", "limit 1 GB ↑"]);
  const free = used({ ...two(), timeline: timeline.map((row) => row.with(3, null)), limited: false }, colours);
  assert.deepEqual(free.data.map((trace) => trace.name), ["cores", "memory"]);
});

test("a table becomes CSV whose cells are no formulas", () => {
  const table = { rows: [["Size", "p95 ms"], ["1 CPU, 1 GB", " 5.2 "], ['=SUM("x")', "–"], ["-3", "-x"]].map((row) => ({ cells: row.map((textContent) => ({ textContent })) })) };
  assert.equal(csvOf(table), 'Size,p95 ms\r\n"1 CPU, 1 GB",5.2\r\n"\'=SUM(""x"")",\r\n-3,\'-x\r\n');
});
