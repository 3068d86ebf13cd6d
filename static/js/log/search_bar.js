// The search box above the log: / to enter, Enter and Shift+Enter (or n and N in the log) to move.

export class SearchBar {
  /** `go(line)` shows a match; `redraw()` is for when only the highlighting has changed. */
  constructor(root, search, { go, redraw, firstVisible }) {
    Object.assign(this, { search, go, redraw, firstVisible });
    this.input = root.querySelector("[data-log-query]");
    this.regex = root.querySelector("[data-log-regex]");
    this.matchCase = root.querySelector("[data-log-case]");
    this.count = root.querySelector("[data-log-count]");
    this.buttons = { 1: root.querySelector("[data-log-next]"), [-1]: root.querySelector("[data-log-previous]") };
    this.input.addEventListener("input", () => this.run());
    for (const box of [this.regex, this.matchCase]) box.addEventListener("change", () => this.run());
    for (const by of [1, -1]) this.buttons[by].addEventListener("click", () => this.step(by));
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.form?.addEventListener("submit", (event) => event.preventDefault());
  }

  key(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      this.step(event.shiftKey ? -1 : 1);
    } else if (event.key === "Escape") {
      this.input.value = "";
      this.run();
    }
  }

  run() {
    const wrong = this.search.set(this.input.value, { regex: this.regex.checked, matchCase: this.matchCase.checked });
    this.input.setAttribute("aria-invalid", String(Boolean(wrong)));
    const start = this.search.lines.length ? this.firstVisible() : null;
    const found = start && this.search.startAt(start);
    if (found) this.go(found);
    else this.redraw();
    this.show(wrong);
  }

  step(by) {
    const line = this.search.step(by);
    if (line) this.go(line);
    this.show();
  }

  /** Lines have arrived. */
  more(lines) {
    this.search.more(lines);
    this.show();
  }

  show(wrong) {
    const { lines, at, pattern } = this.search;
    const total = lines.length.toLocaleString();
    const text = pattern ? (lines.length ? `${at < 0 ? "–" : (at + 1).toLocaleString()} of ${total}` : "No match") : "";
    this.count.textContent = wrong ?? text;
    for (const button of Object.values(this.buttons)) button.disabled = !lines.length;
  }
}
