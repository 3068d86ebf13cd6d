import assert from "node:assert/strict";
import test from "node:test";
import { Pace, timeLeft } from "../../static/js/pace.js";

function paced(...marks) {
  const pace = new Pace();
  for (const [now, done] of marks) pace.mark(done, now);
  return pace;
}

test("the speed is that of the last seconds, not of the whole", () => {
  const fast = Array.from({ length: 20 }, (_, second) => [second * 1000, second * 50e6]);
  const slow = Array.from({ length: 10 }, (_, second) => [20_000 + second * 1000, 950e6 + second * 1e6]);
  assert.equal(Math.round(paced(...fast).rate(19_000) / 1e6), 50);
  assert.equal(Math.round(paced(...fast, ...slow).rate(29_000) / 1e6), 1);
});

test("the speed falls while nothing is heard", () => {
  const pace = paced([0, 0], [1000, 10e6]);
  assert.equal(pace.rate(1000), 10e6);
  assert.equal(pace.rate(10_000), 1e6);
});

test("no speed is told before there is one", () => {
  assert.equal(paced().rate(0), 0);
  assert.equal(paced([0, 0]).rate(9000), 0);
  assert.equal(paced([0, 0], [10, 5e6]).rate(10), 0);
});

test("what is begun again does not count backwards", () => {
  assert.equal(paced([0, 50e6], [1000, 60e6], [2000, 10e6], [3000, 20e6]).rate(3000), 10e6);
});

test("times are said as people say them", () => {
  assert.deepEqual([0.2, 39.1, 61, 7800, 1e9].map(timeLeft), ["1 s left", "40 s left", "1 min left", "2 h 10 min left", "277777 h 47 min left"]);
  assert.equal(timeLeft(Infinity), "");
  assert.equal(timeLeft(NaN), "");
});
