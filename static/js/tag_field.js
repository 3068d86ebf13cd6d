// A field of key=value tags: checked as they are added, in the words the server uses.
const ALMOST = /^\s*([^:=\s]+)\s*[:=]\s*(.+?)\s*$/;
const CONTROL = /\p{Cc}/u;

/** `key=value` as a pair, or what to write instead. */
export function parseTag(text) {
  const at = text.indexOf("=");
  const key = text.slice(0, at);
  const value = text.slice(at + 1);
  const wellFormed = at > 0 && key === key.trim() && value === value.trim() && !CONTROL.test(text);
  if (wellFormed) return { key, value };
  const almost = text.match(ALMOST);
  const advice = almost ? `write ${almost[1]}=${almost[2]}` : "write key=value, as in area=mnist";
  return { error: `“${text.trim()}” is not a tag: ${advice}.` };
}

export class TagField {
  tags = new Map();

  constructor(field, showError) {
    this.input = field.querySelector("input");
    this.list = field.querySelector("[data-chips]");
    this.showError = showError;
    this.input.addEventListener("keydown", (event) => this.#key(event));
    this.input.addEventListener("input", () => showError(""));
    field.querySelector("[data-add]").addEventListener("click", () => this.add());
  }

  /** Takes in what is typed; false when it is no tag, which is then said. */
  add() {
    const typed = this.input.value.trim();
    if (!typed) return true;
    const { key, value, error } = parseTag(typed);
    this.showError(error ?? "");
    if (error) {
      this.input.focus();
      return false;
    }
    this.tags.set(key, value);
    this.input.value = "";
    this.#draw();
    return true;
  }

  #key(event) {
    if (event.key === "Enter") {
      event.preventDefault();
      this.add();
    } else if (event.key === "Backspace" && !this.input.value && this.tags.size) {
      const [key, value] = [...this.tags].at(-1);
      this.tags.delete(key);
      this.input.value = `${key}=${value}`;
      event.preventDefault();
      this.#draw();
    }
  }

  #draw() {
    this.list.replaceChildren(...[...this.tags].map(([key, value]) => this.#chip(key, value)));
  }

  #chip(key, value) {
    const chip = document.getElementById("chip").content.firstElementChild.cloneNode(true);
    chip.querySelector(".key").textContent = `${key}=`;
    chip.querySelector(".value").textContent = value;
    const remove = chip.querySelector("button");
    remove.setAttribute("aria-label", `Remove the tag ${key}`);
    remove.addEventListener("click", () => {
      this.tags.delete(key);
      this.#draw();
      this.input.focus();
    });
    return chip;
  }
}
