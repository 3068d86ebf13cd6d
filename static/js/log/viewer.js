// One log on the page: lines come from the feed into the model, rows go from the model to the pane.

import { range } from "./address.js";
import { Feed } from "./feed.js";
import { Follow } from "./follow.js";
import { LogModel, firstError } from "./model.js";
import { headRow, lineCount, lineRow } from "./rows.js";
import { Search } from "./search.js";
import { SearchBar } from "./search_bar.js";
import { clock } from "./time.js";
import { Timeline, sentence } from "./timeline.js";
import { Toolbar } from "./toolbar.js";
import { VirtualList } from "./virtual_list.js";

const HEAD_PX = 36;
const ROW_PX = 20;
const MODES = {
  connecting: "Connecting…",
  events: "Live through server-sent events: websockets are blocked on the way here",
  poll: "Live by asking every second: websockets are blocked on the way here",
  offline: "Reconnecting… the studio does not answer",
  "signed-out": "Signed out. Reload the page to sign in again",
  gone: "This deployment no longer exists",
};

export class LogViewer {
  constructor(root) {
    this.root = root;
    this.pane = root.querySelector("[role=log]");
    this.pill = root.querySelector("[data-log-pill]");
    this.badge = root.querySelector("[data-log-mode]");
    this.status = root.querySelector("[data-log-status]");
    this.target = range(location.hash);
    this.seen = 0;
    const shown = this.adopt();
    this.model = new LogModel((line) => this.list?.measure(line) ?? ROW_PX, HEAD_PX);
    this.list = new VirtualList(this.pane, this.model, (item) => this.row(item), ROW_PX);
    this.follow = new Follow(this.pane, () => this.followChanged());
    this.search = new Search(this.model);
    this.bar = new SearchBar(root, this.search, {
      go: (line) => this.show(line),
      redraw: () => this.redraw(),
      firstVisible: () => this.firstVisible(),
    });
    this.toolbar = new Toolbar(root, this);
    this.timeline = this.makeTimeline();
    this.shown = shown;
  }

  makeTimeline() {
    const list = document.querySelector("[data-timeline]");
    const skew = new Date(this.root.dataset.now) - Date.now() || 0;
    return list && new Timeline(list, { skew, open: (step) => this.openStep(step) });
  }

  /** The lines the server has put into the page, taken out of it. */
  adopt() {
    const rows = this.pane.querySelector(".log-rows");
    const lines = [...rows.querySelectorAll("[data-seq]")].map((row) => ({
      seq: Number(row.dataset.seq), at: row.dataset.at, step: row.dataset.step,
      stream: row.dataset.stream, text: row.querySelector(".log-text").textContent,
    }));
    const sizer = rows.parentNode.insertBefore(document.createElement("div"), rows);
    sizer.className = "log-sizer";
    sizer.append(rows);
    rows.replaceChildren();
    this.root.classList.add("is-live");
    return lines;
  }

  start() {
    this.list.fit();
    // When the page holds only the log's end, everything is fetched again from the first line.
    if (this.root.dataset.whole === "true") this.lines(this.shown);
    this.foldFinished();
    this.pane.addEventListener("scroll", () => this.soon(), { passive: true });
    this.pane.addEventListener("click", (event) => this.clicked(event));
    this.pill.addEventListener("click", () => this.follow.set(true));
    this.watchSize();
    document.fonts.ready.then(() => this.refit());
    addEventListener("hashchange", () => this.goTo(range(location.hash)));
    if (this.root.dataset.finished !== "true" || this.root.dataset.whole !== "true") this.connect();
    this.draw();
    this.openFailure();
  }

  connect() {
    const { socket, events, lines, state } = this.root.dataset;
    const origin = location.origin.replace(/^http/, "ws");
    this.feed = new Feed({
      urls: { socket: origin + socket, events, lines, state },
      after: () => this.model.lastSeq,
      on: {
        lines: (list) => this.lines(list),
        state: (deployment) => this.state(deployment),
        end: () => this.ended(),
        mode: (name) => this.mode(name),
      },
    });
    this.feed.start();
    const wake = () => document.visibilityState === "visible" && this.feed.wake();
    document.addEventListener("visibilitychange", wake);
    addEventListener("online", wake);
  }

  lines(list) {
    const added = this.model.append(list);
    if (!added.length) return;
    this.countHeads(new Set(added.map(({ block }) => block)));
    this.bar.more(added);
    this.toolbar.announce(added);
    this.soon();
    if (this.target) this.goTo(this.target);
  }

  countHeads(blocks) {
    for (const block of blocks) {
      const count = this.list.drawn.get(block)?.querySelector(".log-step-count");
      if (count) count.textContent = lineCount(block.lines.length);
    }
  }

  state(deployment) {
    const changed = this.timeline?.update(deployment.steps) ?? [];
    for (const step of changed) {
      if (step.outcome === "running") continue;
      this.say(sentence(step));
      if (step.outcome === "failed") this.openFailure();
    }
    this.foldFinished();
    if (changed.length) this.redraw();
    this.root.dataset.finished = String(deployment.finished);
    this.root.dispatchEvent(new CustomEvent("deployment:state", { bubbles: true, detail: deployment }));
  }

  ended() {
    this.openFailure();
    this.root.dispatchEvent(new CustomEvent("deployment:end", { bubbles: true }));
  }

  mode(name) {
    this.root.dataset.mode = name;
    this.badge.textContent = MODES[name] ?? "";
    this.badge.hidden = !(name in MODES);
  }

  say(text) {
    this.status.textContent = text;
  }

  /** Finished steps fold, but never under the eyes of someone who reads them. */
  foldFinished() {
    if (this.target || !this.follow.on || this.search.pattern) return;
    for (const step of this.timeline?.steps.values() ?? []) {
      const block = this.model.byStep.get(step.name);
      if (block && step.outcome === "done" && !block.touched) block.folded = true;
    }
  }

  openFailure() {
    const failed = [...(this.timeline?.steps.values() ?? [])].find((step) => step.outcome === "failed");
    const block = failed && this.model.byStep.get(failed.name);
    if (!block || !this.follow.on || this.target) return;
    this.show(firstError(block));
  }

  /** Opens a step and moves to its heading; false when it has no lines yet. */
  openStep(name) {
    const block = this.model.byStep.get(name);
    if (!block) return false;
    this.unfold(block);
    this.follow.set(false);
    this.follow.moveTo(this.model.top(block));
    this.redraw();
    this.pane.focus({ preventScroll: true });
    return true;
  }

  unfold(block) {
    block.folded = false;
    block.touched = true;
  }

  clicked(event) {
    const number = event.target.closest(".log-number");
    const fold = event.target.closest(".log-fold");
    if (number) {
      event.preventDefault();
      this.toolbar.link(Number(number.textContent), event.shiftKey);
    } else if (fold) {
      const block = this.model.byStep.get(fold.closest("[data-step]").dataset.step);
      block.folded = !block.folded;
      block.touched = true;
      this.redraw();
      this.list.drawn.get(block)?.querySelector("button").focus({ preventScroll: true });
    }
  }

  /** Brings a line into the middle of the pane. */
  show(line) {
    this.unfold(line.block);
    this.follow.set(false);
    this.list.size();
    this.follow.moveTo(this.model.lineTop(line) - this.pane.clientHeight / 3);
    this.redraw();
  }

  /** Goes to `#L120` or `#L120-L135` as soon as the line has arrived. */
  goTo(target) {
    this.target = target;
    const line = target && this.model.find(target[0]);
    if (line && this.arrived !== target) {
      this.arrived = target;
      this.show(line);
    }
  }

  firstVisible() {
    const { items } = this.model.window(this.pane.scrollTop, this.pane.scrollTop + this.pane.clientHeight);
    const item = items.find(({ line }) => line) ?? items[0];
    return item?.line ?? item?.head.lines[0] ?? null;
  }

  row({ line, head }) {
    if (head) return headRow(head, this.timeline?.steps.get(head.step), head.lines.length);
    const [from, to] = this.target ?? [0, 0];
    return lineRow(line, {
      ranges: this.search.ranges(line),
      current: line === this.search.current,
      target: line.seq >= from && line.seq <= to,
      clock: clock(this.toolbar.time, this.model.firstAt),
    });
  }

  followChanged() {
    this.seen = this.model.count;
    this.root.dataset.following = String(this.follow.on);
    this.soon();
  }

  soon() {
    this.frame ??= requestAnimationFrame(() => this.draw());
  }

  redraw() {
    this.list.forget();
    this.soon();
  }

  refit() {
    this.list.fit();
    this.draw();
  }

  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
    this.list.size();
    this.follow.settle();
    this.list.draw();
    this.follow.settle();
    this.showPill();
  }

  showPill() {
    if (this.follow.on) this.seen = this.model.count;
    const fresh = this.model.count - this.seen;
    this.pill.hidden = this.follow.on || this.root.dataset.finished === "true" && !fresh;
    this.pill.textContent = fresh ? `▼ ${fresh.toLocaleString()} new line${fresh === 1 ? "" : "s"}` : "▼ Follow";
  }

  watchSize() {
    let width = this.pane.clientWidth;
    new ResizeObserver(() => {
      if (this.pane.clientWidth === width) return this.soon();
      width = this.pane.clientWidth;
      this.refit();
    }).observe(this.pane);
  }
}
