import assert from "node:assert/strict";
import test from "node:test";

import { LogModel } from "../../static/js/log/model.js";
import { pieces } from "../../static/js/log/rows.js";
import { Search } from "../../static/js/log/search.js";

const at = "2026-11-21T08:00:00.000+00:00";

function searched(texts, ...how) {
  const model = new LogModel(() => 20, 36);
  model.append(texts.map((text, n) => ({ seq: n + 1, at, step: "environment", stream: "stdout", text })));
  const search = new Search(model);
  const wrong = search.set(...how);
  return { model, search, wrong, found: search.lines.map(({ seq }) => seq) };
}

test("letters match in either case unless asked otherwise", () => {
  assert.deepEqual(searched(["Numpy", "numpy", "pandas"], "numpy").found, [1, 2]);
  assert.deepEqual(searched(["Numpy", "numpy", "pandas"], "numpy", { matchCase: true }).found, [2]);
});

test("the text is taken literally unless it is a regular expression", () => {
  assert.deepEqual(searched(["a.b", "axb"], "a.b").found, [1]);
  assert.deepEqual(searched(["a.b", "axb"], "a.b", { regex: true }).found, [1, 2]);
  assert.match(searched(["a"], "a(", { regex: true }).wrong, /Unterminated group/);
});

test("colours do not hide a match that runs across them", () => {
  assert.deepEqual(searched(["num\x1b[31mpy\x1b[0m"], "numpy").found, [1]);
});

test("matches are walked around the ends, and new lines join them", () => {
  const { model, search } = searched(["x", "-", "x"], "x");
  assert.deepEqual([1, 1, 1, -1].map((by) => search.step(by).seq), [1, 3, 1, 3]);
  search.more(model.append([{ seq: 4, at, step: "environment", stream: "stdout", text: "x" }]));
  assert.equal(search.current.seq, 3);
  assert.equal(search.step(1).seq, 4);
});

test("a search starts at the line one is reading", () => {
  const { model, search } = searched(["x", "-", "x", "x"], "x");
  assert.equal(search.startAt(model.find(2)).seq, 3);
});

test("a span is cut where matches begin and end", () => {
  assert.deepEqual(pieces(0, 10, [[2, 4], [8, 12]]), [[0, 2, false], [2, 4, true], [4, 8, false], [8, 10, true]]);
  assert.deepEqual(pieces(10, 12, [[8, 12]]), [[10, 12, true]]);
  assert.deepEqual(pieces(0, 3, []), [[0, 3, false]]);
});

test("matches in lines that the log forgets are forgotten with them", () => {
  const { model, search } = searched(["x", "-", "x", "x"], "x");
  search.startAt(model.find(3));
  model.trim(2);
  search.forget();
  assert.deepEqual([search.lines.map(({ seq }) => seq), search.at], [[3, 4], 0]);
});
