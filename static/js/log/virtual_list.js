// Draws only the rows in sight. The scroll bar is right because every row's height is known beforehand
// (a fixed-pitch font makes it arithmetic) and corrected when a row turns out otherwise.

const MARGIN_PX = 400;

export class VirtualList {
  /** `make(item)` builds the element of a {head} or {line}. */
  constructor(pane, model, make, rowHeight) {
    Object.assign(this, { pane, model, make, rowHeight });
    this.wrap = true;
    this.drawn = new Map();
    this.sizer = pane.querySelector(".log-sizer");
    this.rows = pane.querySelector(".log-rows");
  }

  /** Height of a line as the model asks for it. */
  measure(line) {
    if (!this.wrap || !this.columns) return this.rowHeight;
    return Math.max(1, Math.ceil(line.plain.length / this.columns)) * this.rowHeight;
  }

  /** Looks at the pane's width again: how many characters fit in a row. */
  fit() {
    const probe = this.rows.appendChild(document.createElement("li"));
    probe.className = "log-line";
    const text = probe.appendChild(document.createElement("span"));
    text.className = "log-text";
    text.textContent = "0".repeat(100);
    const range = document.createRange();
    range.selectNodeContents(text);
    this.pane.classList.remove("is-wrapped");
    this.charWidth = range.getBoundingClientRect().width / 100;
    this.pane.classList.toggle("is-wrapped", this.wrap);
    probe.remove();
    this.columns = Math.floor(this.textWidth() / this.charWidth);
    this.model.remeasure();
    this.forget();
  }

  textWidth() {
    const taken = parseFloat(getComputedStyle(this.pane).getPropertyValue("--log-gutter")) || 0;
    return this.pane.clientWidth - taken * this.charWidth;
  }

  /** Every row is built anew at the next draw. */
  forget() {
    this.drawn.clear();
  }

  draw() {
    const { pane, model } = this;
    const { top, items } = model.window(pane.scrollTop - MARGIN_PX, pane.scrollTop + pane.clientHeight + MARGIN_PX);
    const before = this.drawn;
    this.drawn = new Map();
    const fresh = [];
    for (const item of items) {
      const key = item.line ?? item.head;
      let node = before.get(key);
      if (!node) {
        node = this.make(item);
        if (item.line) fresh.push([item.line, node]);
      }
      this.drawn.set(key, node);
    }
    this.place([...this.drawn.values()]);
    this.rows.style.transform = `translateY(${top}px)`;
    if (this.wrap && this.correct(fresh)) this.size();
  }

  place(nodes) {
    const keep = new Set(nodes);
    for (const node of [...this.rows.childNodes]) if (!keep.has(node)) node.remove();
    let next = this.rows.firstChild;
    for (const node of nodes) {
      if (node === next) next = next.nextSibling;
      else this.rows.insertBefore(node, next);
    }
  }

  /** Gives the scroll bar the room of every row, drawn or not. */
  size() {
    this.sizer.style.height = `${this.model.height}px`;
    this.sizer.style.minWidth = this.wrap ? "" : `calc(${this.model.widest}ch + var(--log-gutter) * 1ch)`;
  }

  /** Wide characters and tabs take more room than counting them says; the row itself has the last word. */
  correct(fresh) {
    let changed = false;
    for (const [line, node] of fresh) {
      const height = node.offsetHeight;
      if (!height || height === line.block.heights.get(line.index)) continue;
      line.block.heights.set(line.index, height);
      changed = true;
    }
    return changed;
  }
}
