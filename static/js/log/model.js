// The log as the page holds it: one block per step or replica, each with its lines and their heights. Knows no DOM.

import { draw } from "./ansi.js";
import { Heights } from "./heights.js";

const ERROR = new RegExp([
  "^\\s*(?:error|Error|ERROR|fatal|FATAL|critical|CRITICAL)\\b", "\\bERROR\\b",
  "^\\s*×", "^Traceback \\(most recent", "^[\\w.]*(?:Error|Exception)(?::|$)",
].join("|"));
const WARNING = /^\s*(?:warn|warning)\b|\bWARNING\b|^\S*\w+Warning:/i;

export class LogModel {
  /** `measure(line)` is the height in pixels a line will take; `headHeight` that of a block's heading, which with
      `headAlone` false it only has beside others. */
  constructor(measure, headHeight, { headAlone = true } = {}) {
    Object.assign(this, { measure, headHeight, headAlone });
    this.blocks = [];
    this.byStep = new Map();
    this.lastSeq = 0;
    this.count = 0;
    this.firstAt = null;
    this.widest = 0;
    this.pens = new Map();
  }

  /** Adds what is new and answers with it; a line seen before (a reconnect replays) is dropped by its number. */
  append(lines) {
    const added = [];
    for (const line of lines) {
      if (line.seq <= this.lastSeq) continue;
      this.lastSeq = line.seq;
      added.push(this.add(line));
    }
    return added;
  }

  add({ seq, at, step, stream, text, level }) {
    const pen = `${step}/${stream}`;
    const style = this.pens.get(pen);
    const drawn = draw(text, style);
    this.pens.set(pen, drawn.style);
    const block = this.block(step);
    // Spans are made again when a row is drawn: kept for every line they would be most of the memory.
    const coloured = drawn.spans && { text, style };
    const { plain } = drawn;
    const line = { seq, at: Date.parse(at), stream, plain, coloured, level: level || levelOf(plain), block };
    line.index = block.lines.push(line) - 1;
    this.firstAt ??= line.at;
    this.widest = Math.max(this.widest, line.plain.length);
    this.count += 1;
    block.heights.push(this.measure(line));
    return line;
  }

  block(step) {
    let block = this.byStep.get(step);
    if (!block) {
      block = { step, lines: [], heights: new Heights(), folded: false, dropped: 0 };
      this.byStep.set(step, block);
      this.blocks.push(block);
    }
    return block;
  }

  /** Forgets the oldest lines, all but `most`. */
  trim(most) {
    const seqs = this.blocks.flatMap(({ lines }) => lines.map(({ seq }) => seq));
    const first = seqs.sort((one, other) => one - other)[Math.max(0, seqs.length - most)];
    for (const block of this.blocks) {
      const from = block.lines.findIndex(({ seq }) => seq >= first);
      const gone = block.lines.splice(0, from < 0 ? block.lines.length : from);
      for (const line of gone) line.index = -1;
      for (const line of block.lines) line.index -= gone.length;
      block.dropped += gone.length;
      block.heights.drop(gone.length);
      if (!block.lines.length) this.byStep.delete(block.step);
    }
    this.blocks = this.blocks.filter(({ lines }) => lines.length);
  }

  get held() {
    return this.blocks.reduce((sum, { lines }) => sum + lines.length, 0);
  }

  /** Lines that a block has had so far. */
  lineCount(block) {
    return block.dropped + block.lines.length;
  }

  /** Which line of its block it is, from 1. */
  place(line) {
    return line.block.dropped + line.index + 1;
  }

  get head() {
    return this.headAlone || this.blocks.length > 1 ? this.headHeight : 0;
  }

  blockHeight(block) {
    return this.head + (block.folded ? 0 : block.heights.total);
  }

  get height() {
    return this.blocks.reduce((sum, block) => sum + this.blockHeight(block), 0);
  }

  /** The line numbered `seq`, or null. */
  find(seq) {
    for (const { lines } of this.blocks) {
      let low = 0;
      let high = lines.length - 1;
      while (low <= high) {
        const middle = (low + high) >> 1;
        if (lines[middle].seq === seq) return lines[middle];
        if (lines[middle].seq < seq) low = middle + 1;
        else high = middle - 1;
      }
    }
    return null;
  }

  /** Where a block's heading starts, in pixels from the top. */
  top(block) {
    let top = 0;
    for (const other of this.blocks) {
      if (other === block) break;
      top += this.blockHeight(other);
    }
    return top;
  }

  lineTop(line) {
    return this.top(line.block) + this.head + line.block.heights.before(line.index);
  }

  /** What lies between two offsets: {top, items}, an item being {head: block} or {line}. */
  window(from, to) {
    const items = [];
    let top = null;
    const take = (at, height, item) => {
      if (at + height <= from || at >= to) return;
      top ??= at;
      items.push(item);
    };
    let y = 0;
    for (const block of this.blocks) {
      if (this.head) take(y, this.head, { head: block });
      if (!block.folded) {
        const start = y + this.head;
        for (let row = block.heights.find(Math.max(0, from - start)); row < block.lines.length; row++) {
          const at = start + block.heights.before(row);
          if (at >= to) break;
          take(at, block.heights.get(row), { line: block.lines[row] });
        }
      }
      y += this.blockHeight(block);
    }
    return { top: top ?? 0, items };
  }

  remeasure() {
    for (const block of this.blocks) block.heights.refill((row) => this.measure(block.lines[row]));
  }
}

/** The line a reader of a failed step wants first: its first error, else the last thing it said. */
export function firstError(block) {
  return block.lines.find((line) => line.level === "error") ?? block.lines.at(-1) ?? null;
}

function levelOf(text) {
  if (ERROR.test(text)) return "error";
  return WARNING.test(text) ? "warning" : "";
}
