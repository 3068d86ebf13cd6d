// Follow: the newest line stays in sight until the reader moves up, selects or searches, and again once
// the reader is back at the end. Folding, resizing and arriving lines never switch it.

const SLACK_PX = 4;

export class Follow {
  constructor(pane, changed) {
    this.pane = pane;
    this.changed = changed;
    this.on = true;
    this.top = pane.scrollTop;
    pane.addEventListener("scroll", () => this.scrolled(), { passive: true });
    document.addEventListener("selectionchange", () => this.selected());
  }

  set(on) {
    if (this.on === on) return;
    this.on = on;
    this.changed(on);
  }

  /** To be called after every change of the pane's content, before the next frame. */
  settle() {
    if (this.on) this.pane.scrollTop = this.pane.scrollHeight;
    this.top = this.pane.scrollTop;
  }

  /** Moves the pane without this counting as the reader's own move. */
  moveTo(top) {
    this.pane.scrollTop = top;
    this.top = this.pane.scrollTop;
  }

  get atEnd() {
    const { scrollTop, clientHeight, scrollHeight } = this.pane;
    return scrollTop + clientHeight >= scrollHeight - SLACK_PX;
  }

  scrolled() {
    const up = this.pane.scrollTop < this.top - 1;
    const down = this.pane.scrollTop > this.top + 1;
    this.top = this.pane.scrollTop;
    if (up && !this.atEnd) this.set(false);
    else if (down && this.atEnd) this.set(true);
  }

  selected() {
    const selection = document.getSelection();
    if (selection && !selection.isCollapsed && this.pane.contains(selection.anchorNode)) this.set(false);
  }
}
