// Suggestions for a text field: an ARIA 1.2 combobox with a listbox. What to suggest is the server's to know.
const DELAY_MS = 120;
const SAY_AFTER_MS = 700;

// The server counts characters, the browser UTF-16 units: an emoji is one and two.
const characters = (text, units) => [...text.slice(0, units)].length;
const units = (text, count) => [...text].slice(0, count).join("").length;

export class Combobox {
  #active = -1;
  #asking = null;
  #items = [];
  #part = null;
  #timer = 0;
  #saying = 0;

  /** `input` has aria-controls; its list lies in the page. `url` answers ?q=&caret=. */
  constructor(input, url) {
    this.input = input;
    this.url = url;
    this.list = document.getElementById(input.getAttribute("aria-controls"));
    input.addEventListener("input", () => this.#later());
    input.addEventListener("keydown", (event) => this.#key(event));
    input.addEventListener("click", () => (this.open ? null : this.#later()));
    input.addEventListener("blur", () => this.close());
    // The field keeps the focus, and with it the list stays open until the click is through.
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => {
      const option = event.target.closest("[role=option]");
      if (option) this.#accept(Number(option.dataset.at));
    });
  }

  get open() {
    return this.input.getAttribute("aria-expanded") === "true";
  }

  close() {
    clearTimeout(this.#timer);
    clearTimeout(this.#saying);
    this.#asking?.abort();
    this.#asking = null;
    this.#active = -1;
    this.list.hidden = true;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }

  #later() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#ask(), DELAY_MS);
  }

  /** At most one question is on its way: a newer one ends it, and an answer to an older text is dropped. */
  async #ask() {
    clearTimeout(this.#timer);
    this.#asking?.abort();
    const asking = (this.#asking = new AbortController());
    const { value, selectionStart } = this.input;
    const asked = new URLSearchParams({ q: value, caret: characters(value, selectionStart) });
    try {
      const answer = await fetch(`${this.url}?${asked}`, { signal: asking.signal, headers: { Accept: "application/json" } });
      if (!answer.ok) return this.close();
      const found = await answer.json();
      if (this.#asking !== asking || this.input.value !== value) return;
      this.#part = { start: units(value, found.start), end: units(value, found.end) };
      this.#show(found.value);
    } catch {
      if (this.#asking === asking) this.close(); // suggestions are a help: without them the field still works
    }
  }

  #show(items) {
    this.#items = items;
    this.#active = -1;
    this.input.removeAttribute("aria-activedescendant");
    if (!items.length || document.activeElement !== this.input) return this.close();
    this.list.replaceChildren(...items.map((item, at) => this.#option(item, at)));
    this.list.hidden = false;
    this.list.scrollTop = 0;
    this.input.setAttribute("aria-expanded", "true");
    clearTimeout(this.#saying);
    const words = items.length === 1 ? "1 suggestion" : `${items.length} suggestions`;
    this.#saying = setTimeout(() => document.dispatchEvent(new CustomEvent("slipway:say", { detail: words })), SAY_AFTER_MS);
  }

  #option(item, at) {
    const option = document.createElement("li");
    option.id = `${this.list.id}-${at}`;
    option.role = "option";
    option.dataset.at = at;
    option.setAttribute("aria-selected", "false");
    const part = (name, text) => Object.assign(document.createElement("span"), { className: name, textContent: text });
    option.append(part("suggested", item.label));
    if (item.detail) option.append(part("suggested-detail", item.detail));
    if (item.count !== null && item.count !== undefined) option.append(part("suggested-count", item.count.toLocaleString("en")));
    return option;
  }

  #move(to) {
    const options = [...this.list.children];
    options[this.#active]?.setAttribute("aria-selected", "false");
    this.#active = (to + options.length) % options.length;
    const now = options[this.#active];
    now.setAttribute("aria-selected", "true");
    now.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", now.id);
  }

  #accept(at) {
    const { start, end } = this.#part;
    const { insert } = this.#items[at];
    this.close();
    this.input.setRangeText(insert, start, end, "end");
    // What ends in an operator is half a term: its values come next.
    if (!/[=:~<>(]$/.test(insert) && !/\s$/.test(insert) && this.input.selectionStart === this.input.value.length) {
      this.input.setRangeText(" ", this.input.value.length, this.input.value.length, "end");
    }
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #key(event) {
    if (event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
    const act = { ArrowDown: () => this.#arrow(1), ArrowUp: () => this.#arrow(-1), Enter: () => this.#enter(),
      Tab: () => !event.shiftKey && this.#tab(), Escape: () => this.#escape(), Backspace: () => this.#backspace(),
      Home: () => this.#leave(), End: () => this.#leave(), ArrowLeft: () => this.#later(), ArrowRight: () => this.#later() }[event.key];
    if (!act?.()) return;
    event.preventDefault();
    event.stopPropagation();
  }

  #arrow(step) {
    if (!this.open) return this.#ask(), true;
    const first = step > 0 ? 0 : this.#items.length - 1;
    this.#move(this.#active < 0 ? first : this.#active + step);
    return true;
  }

  #enter() {
    if (this.open && this.#active >= 0) return this.#accept(this.#active), true;
    this.close();
    return false;
  }

  /** Takes what is marked, or the first of what completes a begun word; a field nobody typed in is left as ever. */
  #tab() {
    const begun = this.open && this.#part.end > this.#part.start;
    if (this.open && (this.#active >= 0 || begun)) return this.#accept(Math.max(this.#active, 0)), true;
    return false;
  }

  #escape() {
    if (!this.open) return false;
    this.close();
    return true;
  }

  /** After the last term: back into its text, instead of taking away space by space. */
  #backspace() {
    const { value, selectionStart, selectionEnd } = this.input;
    const term = value.trimEnd();
    if (selectionStart !== selectionEnd || selectionStart !== value.length || !term || term === value) return false;
    this.input.value = term;
    this.input.dispatchEvent(new Event("input", { bubbles: true }));
    return true;
  }

  #leave() {
    this.close();
    return false;
  }
}
