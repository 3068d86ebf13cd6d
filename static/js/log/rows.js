// One line, and the heading of a step or replica, as elements. Text only ever enters through textContent.

import { draw } from "./ansi.js";
import { duration } from "./time.js";

/** `linked`: its number is one that can be linked to. */
export function lineRow(line, { number, linked, ranges, current, target, clock }) {
  const row = element("li", "log-line");
  if (linked) row.id = `L${number}`;
  row.dataset.seq = line.seq;
  if (line.level) row.dataset.level = line.level;
  if (line.stream !== "stdout") row.dataset.stream = line.stream;
  row.classList.toggle("is-current", current);
  row.classList.toggle("is-target", target);
  row.append(linked ? link(number) : count(number));
  if (clock) row.append(stamp(line.at, clock));
  row.append(body(line, ranges));
  return row;
}

function link(number) {
  const node = element("a", "log-number", String(number));
  node.href = `#L${number}`;
  node.tabIndex = -1;
  node.setAttribute("aria-label", `Line ${number}`);
  return node;
}

function count(number) {
  const node = element("span", "log-number", String(number));
  node.setAttribute("aria-hidden", "true");
  return node;
}

/** `head`: {title}, and as far as there is such a thing {hint, outcome, started_time, ended_time}. */
export function headRow(block, head, lines) {
  const row = element("li", "log-step");
  row.dataset.step = block.step;
  row.dataset.outcome = head.outcome ?? "";
  const button = element("button", "log-fold");
  button.type = "button";
  if (head.hint) button.title = head.hint;
  button.setAttribute("aria-expanded", String(!block.folded));
  button.append(
    element("span", "log-chevron"),
    element("span", "log-step-title", head.title),
    element("span", "log-step-count", lineCount(lines)),
  );
  if (head.ended_time) button.append(element("span", "log-step-time", duration(head.started_time, head.ended_time)));
  row.append(button);
  return row;
}

export function lineCount(lines) {
  return `${lines.toLocaleString()} line${lines === 1 ? "" : "s"}`;
}

function stamp(at, clock) {
  const time = element("time", "log-time", clock(at));
  time.dateTime = time.title = new Date(at).toISOString();
  return time;
}

function body(line, ranges) {
  const text = element("span", "log-text");
  let at = 0;
  for (const span of spans(line)) {
    const end = at + span.text.length;
    for (const [from, to, marked] of pieces(at, end, ranges)) {
      text.append(piece(line.plain.slice(from, to), span.names, marked));
    }
    at = end;
  }
  return text;
}

function spans({ plain, coloured }) {
  return coloured ? draw(coloured.text, coloured.style).spans : [{ text: plain, names: "" }];
}

function piece(text, names, marked) {
  if (marked) return element("mark", names, text);
  return names ? element("span", names, text) : document.createTextNode(text);
}

/** [from, to) cut where matches begin and end: [start, end, whether it is inside a match]. */
export function pieces(from, to, ranges) {
  const cuts = [];
  let at = from;
  for (const [start, end] of ranges) {
    if (end <= at || start >= to) continue;
    if (start > at) cuts.push([at, start, false]);
    cuts.push([Math.max(start, at), Math.min(end, to), true]);
    at = Math.min(end, to);
  }
  if (at < to) cuts.push([at, to, false]);
  return cuts;
}

export function element(name, classes, text) {
  const node = document.createElement(name);
  if (classes) node.className = classes;
  if (text !== undefined) node.textContent = text;
  return node;
}
