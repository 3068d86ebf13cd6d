// The steps beside the log: what each came to and how long it took, ticking while it runs.

import { duration } from "./time.js";

const WORDS = { running: "running", done: "finished", failed: "failed", cancelled: "cancelled" };

export class Timeline {
  /** `skew` is how far the server's clock is ahead of this one, in milliseconds. */
  constructor(list, { skew, open }) {
    Object.assign(this, { list, skew });
    this.template = list.querySelector("template");
    this.steps = new Map();
    for (const row of list.querySelectorAll("[data-step]")) this.steps.set(row.dataset.step, read(row));
    list.addEventListener("click", (event) => {
      const link = event.target.closest("a[data-step-link]");
      if (link && open(link.closest("[data-step]").dataset.step)) event.preventDefault();
    });
    setInterval(() => this.tick(), 500);
  }

  /** Shows `steps` as the server tells them and answers with those whose outcome has changed. */
  update(steps) {
    const changed = steps.filter((step) => this.steps.get(step.name)?.outcome !== step.outcome);
    for (const step of steps) {
      this.steps.set(step.name, step);
      this.show(this.row(step), step);
    }
    return changed;
  }

  row(step) {
    const found = [...this.list.children].find((row) => row.dataset.step === step.name);
    if (found) return found;
    const row = this.template.content.firstElementChild.cloneNode(true);
    row.dataset.step = step.name;
    row.querySelector("a[data-step-link]").href = `#step-${step.name}`;
    row.querySelector("[data-step-title]").textContent = step.title;
    this.list.append(row);
    return row;
  }

  show(row, step) {
    row.dataset.outcome = step.outcome;
    row.dataset.started = step.started_time ?? "";
    row.dataset.ended = step.ended_time ?? "";
    row.querySelector("[data-step-word]").textContent = WORDS[step.outcome] ?? step.outcome;
    row.querySelector("[data-step-detail]").textContent = step.detail ?? "";
    this.time(row);
  }

  tick() {
    for (const row of this.list.querySelectorAll('[data-outcome="running"]')) this.time(row);
  }

  time(row) {
    if (!row.dataset.started) return;
    const until = row.dataset.ended || Date.now() + this.skew;
    row.querySelector("[data-step-time]").textContent = duration(row.dataset.started, until);
  }
}

/** "Build environment finished, 48 s." */
export function sentence(step) {
  const took = step.ended_time ? `, ${duration(step.started_time, step.ended_time)}` : "";
  return `${step.title} ${WORDS[step.outcome] ?? step.outcome}${took}.`;
}

function read(row) {
  const { step, outcome, started, ended } = row.dataset;
  const title = row.querySelector("[data-step-title]").textContent.trim();
  return { name: step, title, outcome, started_time: started || null, ended_time: ended || null };
}
