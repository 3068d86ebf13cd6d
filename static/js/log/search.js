// Finding text in the log: every line that matches, also in folded steps, and which of them is current.

export class Search {
  constructor(model) {
    this.model = model;
    this.clear();
  }

  clear() {
    this.pattern = null;
    this.lines = [];
    this.at = -1;
  }

  /** Searches for `text`. Answers null, or what is wrong with the regular expression. */
  set(text, { regex = false, matchCase = false } = {}) {
    this.clear();
    if (!text) return null;
    try {
      this.pattern = new RegExp(regex ? text : text.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"), matchCase ? "g" : "gi");
    } catch (error) {
      return error.message.replace(/^Invalid regular expression: /, "");
    }
    this.more(this.model.blocks.flatMap((block) => block.lines));
    return null;
  }

  /** Looks through lines that have just arrived. */
  more(lines) {
    if (!this.pattern) return;
    const current = this.current;
    const found = lines.filter((line) => this.ranges(line).length);
    if (!found.length) return;
    this.lines.push(...found);
    const order = new Map(this.model.blocks.map((block, at) => [block, at]));
    this.lines.sort((one, other) => order.get(one.block) - order.get(other.block) || one.index - other.index);
    this.at = current ? this.lines.indexOf(current) : -1;
  }

  /** Leaves out lines that the log no longer holds. */
  forget() {
    const current = this.current;
    this.lines = this.lines.filter((line) => line.index >= 0);
    this.at = this.lines.indexOf(current);
  }

  get current() {
    return this.lines[this.at] ?? null;
  }

  /** Moves to the next match (or, with -1, the one before), around the ends; null when there is none. */
  step(by) {
    if (!this.lines.length) return null;
    const from = this.at < 0 && by < 0 ? 0 : this.at;
    this.at = (from + by + this.lines.length) % this.lines.length;
    return this.current;
  }

  /** Moves to the first match at or after a line, so that a search starts where one is reading. */
  startAt(line) {
    const order = new Map(this.model.blocks.map((block, at) => [block, at]));
    const after = (other) => order.get(other.block) - order.get(line.block) || other.index - line.index;
    const found = this.lines.findIndex((other) => after(other) >= 0);
    this.at = this.lines.length ? Math.max(found, 0) : -1;
    return this.current;
  }

  /** [start, end] of each match in a line. */
  ranges(line) {
    if (!this.pattern) return [];
    const ranges = [];
    for (const found of line.plain.matchAll(this.pattern)) {
      if (found[0]) ranges.push([found.index, found.index + found[0].length]);
    }
    return ranges;
  }
}
