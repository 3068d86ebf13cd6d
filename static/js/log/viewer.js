// One log on the page: lines come from the feed into the model, rows go from the model to the pane.

import { range } from "./address.js";
import { Badge } from "./badge.js";
import { Feed } from "./feed.js";
import { Follow } from "./follow.js";
import { LogModel } from "./model.js";
import { Replicas } from "./replicas.js";
import { headRow, lineCount, lineRow } from "./rows.js";
import { Search } from "./search.js";
import { SearchBar } from "./search_bar.js";
import { Steps } from "./steps.js";
import { clock } from "./time.js";
import { Toolbar } from "./toolbar.js";
import { VirtualList } from "./virtual_list.js";

const HEAD_PX = 36;
const ROW_PX = 20;
// A service writes for months, and a page may be open for as long.
const MOST_LINES = 100_000;

export class LogViewer {
  constructor(root) {
    this.root = root;
    this.pane = root.querySelector("[role=log]");
    this.pill = root.querySelector("[data-log-pill]");
    this.status = root.querySelector("[data-log-status]");
    // A deployment's lines are counted for good, so that they can be linked to; those of a service as they come.
    this.linked = "linked" in root.dataset;
    const writer = this.linked ? "deployment" : "service";
    this.badge = new Badge(root.querySelector("[data-log-mode]"), `This ${writer} no longer exists`);
    this.target = this.linked ? range(location.hash) : null;
    this.seen = 0;
    const shown = this.adopt();
    this.model = new LogModel((line) => this.list?.measure(line) ?? ROW_PX, HEAD_PX, { headAlone: this.linked });
    this.list = new VirtualList(this.pane, this.model, (item) => this.row(item), ROW_PX);
    this.follow = new Follow(this.pane, () => this.followChanged());
    this.search = new Search(this.model);
    this.bar = new SearchBar(root, this.search, {
      go: (line) => this.show(line),
      redraw: () => this.redraw(),
      firstVisible: () => this.firstVisible(),
    });
    this.toolbar = new Toolbar(root, this);
    this.blocks = this.linked ? new Steps(this) : new Replicas();
    this.shown = shown;
  }

  /** The lines the server has put into the page, taken out of it. */
  adopt() {
    const rows = this.pane.querySelector(".log-rows");
    const lines = [...rows.querySelectorAll("[data-seq]")].map((row) => ({
      seq: Number(row.dataset.seq), at: row.dataset.at, step: row.dataset.step,
      stream: row.dataset.stream, text: row.querySelector(".log-text").textContent, level: row.dataset.level,
    }));
    lines.sort((one, other) => one.seq - other.seq);
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
    this.blocks.fold();
    this.pane.addEventListener("scroll", () => this.soon(), { passive: true });
    this.pane.addEventListener("click", (event) => this.clicked(event));
    this.pill.addEventListener("click", () => this.follow.set(true));
    this.watchSize();
    document.fonts.ready.then(() => this.refit());
    if (this.linked) addEventListener("hashchange", () => this.goTo(range(location.hash)));
    if (this.root.dataset.finished !== "true" || this.root.dataset.whole !== "true") this.connect();
    this.draw();
    this.blocks.openFailure();
  }

  connect() {
    const { socket, events, lines, state } = this.root.dataset;
    const origin = location.origin.replace(/^http/, "ws");
    this.feed = new Feed({
      urls: { socket: origin + socket, events, lines, state },
      after: () => this.model.lastSeq,
      on: {
        lines: (list) => this.lines(list),
        state: (deployment) => this.blocks.update(deployment),
        trouble: (why) => this.badge.trouble(why),
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
    let added;
    this.inPlace(() => {
      added = this.model.append(list);
      if (!this.linked) this.trim();
    });
    if (!added.length) return;
    this.root.querySelector("[data-log-none]")?.remove();
    this.countHeads(new Set(added.map(({ block }) => block)));
    this.bar.more(added);
    this.toolbar.announce(added);
    this.soon();
    if (this.target) this.goTo(this.target);
  }

  countHeads(blocks) {
    for (const block of blocks) {
      const count = this.list.drawn.get(block)?.querySelector(".log-step-count");
      if (count) count.textContent = lineCount(this.model.lineCount(block));
    }
  }

  /** What nobody has read for long makes room for what comes. */
  trim() {
    if (this.model.held < 1.25 * MOST_LINES) return;
    this.model.trim(MOST_LINES);
    this.search.forget();
    this.list.forget();
  }

  /** Changes the log without moving what somebody reads: lines of one replica come above those of another. */
  inPlace(change) {
    const line = this.follow.on ? null : this.firstVisible();
    const before = line && this.model.lineTop(line);
    change();
    if (!line || line.index < 0 || this.model.lineTop(line) === before) return;
    this.list.size();
    this.follow.moveTo(this.pane.scrollTop + this.model.lineTop(line) - before);
  }

  ended() {
    this.blocks.openFailure();
    this.root.dispatchEvent(new CustomEvent("deployment:end", { bubbles: true }));
  }

  mode(name) {
    this.root.dataset.mode = name;
    this.badge.mode(name);
  }

  say(text) {
    this.status.textContent = text;
  }

  unfold(block) {
    block.folded = false;
    block.touched = true;
  }

  clicked(event) {
    const number = event.target.closest("a.log-number");
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
    if (head) return headRow(head, this.blocks.head(head), this.model.lineCount(head));
    const [from, to] = this.target ?? [0, 0];
    return lineRow(line, {
      number: this.linked ? line.seq : this.model.place(line),
      linked: this.linked,
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
