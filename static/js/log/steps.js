// The blocks of a deployment's log: its steps, told beside it too. Finished ones fold, a failed one is opened.

import { firstError } from "./model.js";
import { Timeline, sentence } from "./timeline.js";

export class Steps {
  constructor(viewer) {
    this.viewer = viewer;
    const list = document.querySelector("[data-timeline]");
    const skew = new Date(viewer.root.dataset.now) - Date.now() || 0;
    this.timeline = list && new Timeline(list, { skew, open: (step) => this.open(step) });
  }

  get all() {
    return [...(this.timeline?.steps.values() ?? [])];
  }

  head({ step }) {
    return this.timeline?.steps.get(step) ?? { title: step || "Log" };
  }

  /** What the server tells of the deployment. */
  update(deployment) {
    const { root } = this.viewer;
    const changed = this.timeline?.update(deployment.steps) ?? [];
    for (const step of changed) {
      if (step.outcome === "running") continue;
      this.viewer.say(sentence(step));
      if (step.outcome === "failed") this.openFailure();
    }
    this.fold();
    if (changed.length) this.viewer.redraw();
    root.dataset.finished = String(deployment.finished);
    root.dispatchEvent(new CustomEvent("deployment:state", { bubbles: true, detail: deployment }));
  }

  /** Finished steps fold, but never under the eyes of someone who reads them. */
  fold() {
    const { target, follow, search, model } = this.viewer;
    if (target || !follow.on || search.pattern) return;
    for (const step of this.all) {
      const block = model.byStep.get(step.name);
      if (block && step.outcome === "done" && !block.touched) block.folded = true;
    }
  }

  openFailure() {
    const failed = this.all.find((step) => step.outcome === "failed");
    const block = failed && this.viewer.model.byStep.get(failed.name);
    if (!block || !this.viewer.follow.on || this.viewer.target) return;
    this.viewer.show(firstError(block));
  }

  /** Opens a step and moves to its heading; false when it has no lines yet. */
  open(name) {
    const { model, follow, pane } = this.viewer;
    const block = model.byStep.get(name);
    if (!block) return false;
    this.viewer.unfold(block);
    follow.set(false);
    follow.moveTo(model.top(block));
    this.viewer.redraw();
    pane.focus({ preventScroll: true });
    return true;
  }
}
