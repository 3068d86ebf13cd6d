import assert from "node:assert/strict";
import test from "node:test";

import { Replicas, shortName } from "../../static/js/log/replicas.js";

test("a replica is called by what tells it from the others, its whole name is a hint", () => {
  assert.equal(shortName("iris-r2-7d9f8c6b5-x2k4q"), "x2k4q");
  assert.deepEqual(new Replicas().head({ step: "iris-r2-7d9f8c6b5-x2k4q" }), { title: "x2k4q", hint: "iris-r2-7d9f8c6b5-x2k4q" });
  assert.equal(new Replicas().head({ step: "" }).title, "Log");
});
