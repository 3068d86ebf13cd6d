import assert from "node:assert/strict";
import test from "node:test";

import { Heights } from "../../static/js/log/heights.js";

function filled(list) {
  const heights = new Heights(2);
  for (const height of list) heights.push(height);
  return heights;
}

test("rows are found by offset", () => {
  const heights = filled([20, 40, 20]);
  assert.equal(heights.total, 80);
  assert.deepEqual([0, 19, 20, 59, 60, 79, 500].map((y) => heights.find(y)), [0, 0, 1, 1, 2, 2, 2]);
  assert.deepEqual([0, 1, 2, 3].map((row) => heights.before(row)), [0, 20, 60, 80]);
});

test("a corrected row moves those after it", () => {
  const heights = filled([20, 20, 20, 20, 20]);
  heights.set(1, 60);
  assert.equal(heights.get(1), 60);
  assert.equal(heights.before(3), 100);
  assert.equal(heights.find(79), 1);
  assert.equal(heights.total, 140);
});

test("any mix of heights adds up as a plain sum would", () => {
  const list = Array.from({ length: 1000 }, (_, row) => 20 * (1 + ((row * 7) % 5)));
  const heights = filled(list);
  let sum = 0;
  for (const [row, height] of list.entries()) {
    assert.equal(heights.before(row), sum);
    assert.equal(heights.find(sum), row);
    assert.equal(heights.find(sum + height - 1), row);
    sum += height;
  }
  heights.refill(() => 10);
  assert.equal(heights.total, 10000);
});
