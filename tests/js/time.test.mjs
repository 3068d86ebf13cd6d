import assert from "node:assert/strict";
import test from "node:test";

import { range } from "../../static/js/log/address.js";
import { clock, duration } from "../../static/js/log/time.js";

test("durations read as people say them", () => {
  const told = [420, 3240, 48000, 185000, 7440000].map((ms) => duration(0, ms));
  assert.deepEqual(told, ["0.4 s", "3.2 s", "48 s", "3 min 05 s", "2 h 04 min"]);
  assert.equal(duration(1000, 0), "0.0 s");
});

test("a line's time is shown as asked", () => {
  const at = Date.parse("2026-11-21T08:00:01.500Z");
  assert.equal(clock("utc")(at), "08:00:01.500Z");
  assert.equal(clock("since", at - 1500)(at), "+1.500");
  assert.equal(clock("off"), null);
});

test("lines can be named in the address", () => {
  assert.deepEqual(range("#L120"), [120, 120]);
  assert.deepEqual(range("#L120-L135"), [120, 135]);
  assert.equal(range("#step-package"), null);
});
