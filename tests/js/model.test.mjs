import assert from "node:assert/strict";
import test from "node:test";

import { LogModel, firstError } from "../../static/js/log/model.js";

const line = (seq, text = `line ${seq}`, step = "environment") =>
  ({ seq, at: "2026-11-21T08:00:00.000+00:00", step, stream: "stdout", text });

function model(...lines) {
  const made = new LogModel(() => 20, 36);
  made.append(lines);
  return made;
}

test("a line that comes twice is kept once", () => {
  const log = model(line(1), line(2), line(3));
  const added = log.append([line(2), line(3), line(4)]);
  assert.deepEqual(added.map(({ seq }) => seq), [4]);
  assert.equal(log.count, 4);
  assert.equal(log.lastSeq, 4);
});

test("each step's lines stay together, whenever they come", () => {
  const log = model(line(1), line(2, "b", "package"), line(3));
  assert.deepEqual(log.blocks.map(({ step, lines }) => [step, lines.map(({ seq }) => seq)]), [["environment", [1, 3]], ["package", [2]]]);
  assert.equal(log.find(2).block.step, "package");
  assert.equal(log.find(9), null);
});

test("a window holds the rows in it and says where they start", () => {
  const log = model(...Array.from({ length: 100 }, (_, at) => line(at + 1)), line(101, "x", "package"));
  const { top, items } = log.window(36 + 200, 36 + 260);
  assert.equal(top, 236);
  assert.deepEqual(items.map((item) => item.line.seq), [11, 12, 13]);
  const end = log.window(log.height - 60, log.height);
  assert.deepEqual(end.items.map((item) => item.line?.seq ?? item.head.step), [100, "package", 101]);
});

test("a folded step takes the room of its heading", () => {
  const log = model(line(1), line(2), line(3, "c", "package"));
  log.blocks[0].folded = true;
  assert.equal(log.height, 36 + 36 + 20);
  assert.deepEqual(log.window(0, 500).items.map((item) => item.line?.seq ?? item.head.step), ["environment", "package", 3]);
  assert.equal(log.lineTop(log.find(3)), 72);
});

test("the first error of a step is found, whichever tool reports it", () => {
  for (const text of ["  × No solution found when resolving dependencies:", "ERROR: no matching distribution", "error: failed to build",
    "Traceback (most recent call last):", "ModuleNotFoundError: No module named 'x'", "2026 E ERROR boom"]) {
    const log = model(line(1, "0 errors so far"), line(2, text), line(3, "after"));
    assert.equal(firstError(log.blocks[0]).seq, 2, text);
  }
  assert.equal(firstError(model(line(1), line(2)).blocks[0]).seq, 2);
});

const replicas = (...lines) => {
  const made = new LogModel(() => 20, 36, { headAlone: false });
  made.append(lines);
  return made;
};
const seen = (log) => log.window(0, 1e6).items.map((item) => item.line?.seq ?? item.head.step);

test("a replica that is alone has no heading, and gets one beside another", () => {
  const log = replicas(line(1, "x", "a"), line(2, "y", "a"));
  assert.deepEqual([log.height, seen(log), log.lineTop(log.find(2))], [40, [1, 2], 20]);
  log.append([line(3, "z", "b")]);
  assert.deepEqual([log.height, seen(log)], [2 * 36 + 60, ["a", 1, 2, "b", 3]]);
});

test("the level that the server tells goes before what the text looks like", () => {
  const log = replicas({ ...line(1, "POST /score 500"), level: "error" }, { ...line(2, "ERROR: x"), level: "" });
  assert.deepEqual([log.find(1).level, log.find(2).level], ["error", "error"]);
});

test("a log that grows for long forgets its oldest lines and counts on", () => {
  const lines = Array.from({ length: 100 }, (_, at) => line(at + 1, "x", at % 2 ? "b" : "a"));
  const log = replicas(...lines, line(101, "x", "c"));
  const first = log.find(1);
  log.trim(11);
  assert.equal(log.held, 11);
  assert.equal(first.index, -1);
  assert.deepEqual(seen(log), ["a", 91, 93, 95, 97, 99, "b", 92, 94, 96, 98, 100, "c", 101]);
  assert.equal(log.place(log.find(91)), 46);
  assert.equal(log.lineCount(log.byStep.get("a")), 50);
  assert.equal(log.height, 3 * 36 + 11 * 20);
  log.trim(1);
  assert.deepEqual(seen(log), [101]);
  log.append([line(102, "x", "a")]);
  assert.deepEqual(seen(log), ["c", 101, "a", 102]);
});
