// One line, and one step's heading, as elements. Text only ever enters through textContent.

import { draw } from "./ansi.js";
import { duration } from "./time.js";

export function lineRow(line, { ranges, current, target, clock }) {
  const row = element("li", "log-line");
  row.id = `L${line.seq}`;
  row.dataset.seq = line.seq;
  if (line.level) row.dataset.level = line.level;
  if (line.stream !== "stdout") row.dataset.stream = line.stream;
  row.classList.toggle("is-current", current);
  row.classList.toggle("is-target", target);
  const number = element("a", "log-number", String(line.seq));
  number.href = `#L${line.seq}`;
  number.tabIndex = -1;
  number.setAttribute("aria-label", `Line ${line.seq}`);
  row.append(number);
  if (clock) row.append(stamp(line.at, clock));
  row.append(body(line, ranges));
  return row;
}

export function headRow(block, step, lines) {
  const row = element("li", "log-step");
  row.dataset.step = block.step;
  row.dataset.outcome = step?.outcome ?? "";
  const button = element("button", "log-fold");
  button.type = "button";
  button.setAttribute("aria-expanded", String(!block.folded));
  button.append(
    element("span", "log-chevron"),
    element("span", "log-step-title", step?.title ?? (block.step || "Log")),
    element("span", "log-step-count", lineCount(lines)),
  );
  if (step?.ended_time) button.append(element("span", "log-step-time", duration(step.started_time, step.ended_time)));
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
