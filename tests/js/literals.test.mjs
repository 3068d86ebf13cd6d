import assert from "node:assert/strict";
import test from "node:test";

import { python, shell } from "../../static/js/literals.js";

test("a body becomes one word of a shell command, its numbers as written", () => {
  assert.equal(shell('{\n  "data": [\n    [0.0, 1.50],\n    [2, 3]\n  ]\n}'), `'{"data": [[0.0, 1.50], [2, 3]]}'`);
  assert.equal(shell('{"name": "it\'s  [ two ]"}'), `'{"name": "it'"'"'s  [ two ]"}'`);
  assert.equal(shell("not json"), "'not json'");
});

test("a body becomes a Python value", () => {
  assert.equal(python('{"a": true, "b": null, "c": "true"}'), '{"a": True, "b": None, "c": "true"}');
  assert.equal(python("x y"), '"x y"');
});
