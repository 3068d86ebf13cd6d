import assert from "node:assert/strict";
import test from "node:test";

import { draw } from "../../static/js/log/ansi.js";

const shown = (text) => draw(text).plain;
const spans = (text, style) => draw(text, style).spans?.map(({ text, names }) => [text, names]) ?? null;

test("plain text stays as it is, without spans", () => {
  assert.deepEqual(draw("Installed 12 packages\tin 3 s"), { plain: "Installed 12 packages\tin 3 s", spans: null, style: {} });
});

test("markup in a line is text like any other", () => {
  assert.equal(shown("\x1b[31m<script>alert(1)</script>\x1b[0m"), "<script>alert(1)</script>");
});

test("the sixteen colours become names of tokens", () => {
  assert.deepEqual(spans("a\x1b[32mb\x1b[0m\x1b[1;91mc\x1b[m"), [["a", ""], ["b", "ansi-2"], ["c", "ansi-bold ansi-9"]]);
});

test("256 colours and true colours go to the nearest of the sixteen", () => {
  assert.deepEqual(spans("\x1b[38;5;196mred\x1b[0m"), [["red", "ansi-9"]]);
  assert.deepEqual(spans("\x1b[38;2;0;200;0mgreen\x1b[0m"), [["green", "ansi-2"]]);
  assert.deepEqual(spans("\x1b[38:2::0:0:238mblue\x1b[0m"), [["blue", "ansi-4"]]);
  assert.deepEqual(spans("\x1b[38;5;244;1mgrey\x1b[0m"), [["grey", "ansi-bold ansi-8"]]);
});

test("on a background the text takes the page's own colour", () => {
  assert.deepEqual(spans("\x1b[41;97mx\x1b[0m"), [["x", "ansi-on-1"]]);
  assert.deepEqual(spans("\x1b[34;7mx\x1b[27my"), [["x", "ansi-on-4"], ["y", "ansi-4"]]);
});

test("a colour goes on into the next line until it is reset", () => {
  const { style } = draw("\x1b[31mfirst");
  assert.deepEqual(spans("second\x1b[0m third", style), [["second", "ansi-1"], [" third", ""]]);
});

test("a carriage return starts the line over, so a progress bar shows its last state", () => {
  assert.equal(shown(" 10%\r 50%\r100% done"), "100% done");
  assert.equal(shown("abcdef\rXY"), "XYcdef");
  assert.equal(shown("long text\r\x1b[Kshort"), "short");
});

test("backspace, erase-line and moves to a column are honoured", () => {
  assert.equal(shown("abd\bc"), "abc");
  assert.equal(shown("secret\x1b[2K\rok"), "ok    ");
  assert.equal(shown("abc\x1b[1GX"), "Xbc");
  assert.equal(shown("a\x1b[3Cb"), "a   b");
});

test("titles, hyperlinks and other escapes leave only their text", () => {
  assert.equal(shown("\x1b]0;title\x07text"), "text");
  assert.equal(shown("\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\"), "link");
  assert.equal(shown("\x1b[?25lhidden cursor\x1b[?25h\x1b(B\x00\x07"), "hidden cursor");
  assert.equal(shown("cut off\x1b["), "cut off");
});
