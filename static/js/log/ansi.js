// A terminal line as text and styled spans. Colours become the names of theme tokens (never raw colours),
// so every theme keeps its contrast; whatever else a terminal would do is left out.

const CONTROL = new RegExp([
  "\\x1b\\[([0-?]*)[ -/]*([@-~])",                 // CSI: colours, erasing, cursor moves
  "\\x1b\\][^\\x07\\x1b]*(?:\\x07|\\x1b\\\\)?",    // OSC: titles and hyperlinks; the link's text stays
  "\\x1b[PX^_][^\\x1b]*(?:\\x1b\\\\)?",            // DCS and its relatives
  "\\x1b[ -/]*[0-~]?",                             // two-byte escapes
  "[\\x00-\\x08\\x0a-\\x1f\\x7f-\\x9f]",           // control characters; a tab is text
].join("|"), "g");
const HAS_CONTROL = /[\x00-\x08\x0a-\x1f\x7f-\x9f]/;

const PLAIN = Object.freeze({});

// What xterm shows for the sixteen names; other colours go to the nearest of them.
const SIXTEEN = [
  [0, 0, 0], [205, 0, 0], [0, 205, 0], [205, 205, 0], [0, 0, 238], [205, 0, 205], [0, 205, 205], [229, 229, 229],
  [127, 127, 127], [255, 0, 0], [0, 255, 0], [255, 255, 0], [92, 92, 255], [255, 0, 255], [0, 255, 255], [255, 255, 255],
];

/** `text` drawn by a terminal that starts in `style`: {plain, spans: null | [{text, names}], style after it}. */
export function draw(text, style = PLAIN) {
  if (!HAS_CONTROL.test(text)) {
    const spans = style === PLAIN || !text ? null : [{ text, names: names(style) }];
    return { plain: text, spans, style };
  }
  const line = new Cells(style);
  let from = 0;
  for (const found of text.matchAll(CONTROL)) {
    line.write(text.slice(from, found.index));
    line.control(found[0], found[1], found[2]);
    from = found.index + found[0].length;
  }
  line.write(text.slice(from));
  return { plain: line.chars.join(""), spans: line.spans(), style: line.style };
}

class Cells {
  constructor(style) {
    this.chars = [];
    this.styles = [];
    this.at = 0;
    this.style = style;
  }

  write(text) {
    for (const char of text) {
      while (this.chars.length < this.at) this.put(this.chars.length, " ", PLAIN);
      this.put(this.at++, char, this.style);
    }
  }

  put(at, char, style) {
    this.chars[at] = char;
    this.styles[at] = style;
  }

  control(all, parameters, final) {
    if (all === "\r") this.at = 0;
    else if (all === "\b") this.at = Math.max(0, this.at - 1);
    else if (final === "m") this.style = recolour(this.style, parameters);
    else if (final === "K") this.erase(Number(parameters) || 0);
    else if (final === "G") this.at = this.column(parameters) - 1;
    else if (final === "C") this.at = Math.min(this.at + this.column(parameters), 9999);
    else if (final === "D") this.at = Math.max(0, this.at - this.column(parameters));
  }

  column(parameters) {
    return Math.min(Math.max(1, Number.parseInt(parameters, 10) || 1), 9999);
  }

  erase(how) {
    if (how === 0) {
      this.chars.length = Math.min(this.chars.length, this.at);
      this.styles.length = this.chars.length;
    } else {
      const end = how === 2 ? this.chars.length : Math.min(this.chars.length, this.at + 1);
      for (let at = 0; at < end; at++) this.put(at, " ", PLAIN);
    }
  }

  spans() {
    const spans = [];
    let start = 0;
    for (let at = 1; at <= this.chars.length; at++) {
      if (at < this.chars.length && this.styles[at] === this.styles[start]) continue;
      spans.push({ text: this.chars.slice(start, at).join(""), names: names(this.styles[start]) });
      start = at;
    }
    return spans.every((span) => !span.names) ? null : spans;
  }
}

const SWITCHES = {
  1: { bold: true }, 2: { dim: true }, 3: { italic: true }, 4: { underline: true }, 7: { inverse: true },
  9: { strike: true }, 21: { underline: true }, 22: { bold: false, dim: false }, 23: { italic: false },
  24: { underline: false }, 27: { inverse: false }, 29: { strike: false },
  39: { front: undefined }, 49: { back: undefined },
};

function recolour(style, parameters) {
  // 38:2::r:g:b is the standard's spelling, 38;2;r;g;b the usual one.
  const codes = parameters.replace(/(38|48):2::/g, "$1:2:").split(/[;:]/).map(Number);
  let next = { ...style };
  for (let at = 0; at < codes.length; at++) {
    const code = codes[at];
    if (code === 38 || code === 48) {
      const [colour, used] = extended(codes, at + 1);
      if (colour !== null) next[code === 38 ? "front" : "back"] = colour;
      at += used;
    } else if (code === 0) next = {};
    else if (code in SWITCHES) Object.assign(next, SWITCHES[code]);
    else if (code >= 30 && code <= 37) next.front = code - 30;
    else if (code >= 40 && code <= 47) next.back = code - 40;
    else if (code >= 90 && code <= 97) next.front = code - 82;
    else if (code >= 100 && code <= 107) next.back = code - 92;
  }
  return names(next) ? Object.freeze(next) : PLAIN;
}

/** The colour that starts at `codes[at]` ("5;n" or "2;r;g;b") as one of sixteen, and how many codes it took. */
function extended(codes, at) {
  if (codes[at] === 5) return [indexed(codes[at + 1] || 0), 2];
  if (codes[at] === 2) return [nearest(codes.slice(at + 1, at + 4)), 4];
  return [null, 0];
}

function indexed(n) {
  if (n < 16) return n;
  if (n >= 232) return nearest(Array(3).fill(8 + (n - 232) * 10));
  const level = (step) => (step ? 55 + step * 40 : 0);
  const cube = n - 16;
  return nearest([level(Math.floor(cube / 36)), level(Math.floor(cube / 6) % 6), level(cube % 6)]);
}

function nearest(rgb) {
  const distance = (other) => other.reduce((sum, value, at) => sum + (value - (rgb[at] || 0)) ** 2, 0);
  return SIXTEEN.reduce((best, colour, at) => (distance(colour) < distance(SIXTEEN[best]) ? at : best), 0);
}

/** Class names of a style. A background takes the place of the text's colour: the text on it is then
    drawn in the page's own colour, the one pairing every theme guarantees to be readable. */
function names(style) {
  const back = style.inverse ? style.front ?? 7 : style.back;
  const list = ["bold", "dim", "italic", "underline", "strike"].filter((name) => style[name]).map((name) => `ansi-${name}`);
  if (back !== undefined) list.push(`ansi-on-${back}`);
  else if (style.front !== undefined) list.push(`ansi-${style.front}`);
  return list.join(" ");
}
