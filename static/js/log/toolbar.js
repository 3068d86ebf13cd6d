// The switches above the log (wrap, times, reading aloud, link, full screen) and the log's keys.

import { range } from "./address.js";

const REMEMBERED = "slipway.log";
const KEYS_OFF = "slipway-keys-off"; // the switch in the list of shortcuts, see keys.js

export class Toolbar {
  constructor(root, viewer) {
    Object.assign(this, { root, viewer });
    const kept = JSON.parse(localStorage.getItem(REMEMBERED) ?? "{}");
    this.wrap = kept.wrap ?? true;
    this.time = kept.time ?? "off";
    this.aloud = false;
    this.wire();
    this.apply();
    document.addEventListener("keydown", (event) => this.key(event));
  }

  wire() {
    const on = (name, event, action) => this.part(name)?.addEventListener(event, action);
    on("wrap", "click", () => this.change({ wrap: !this.wrap }));
    on("time", "change", (event) => this.change({ time: event.target.value }));
    on("aloud", "click", () => this.change({ aloud: !this.aloud }));
    on("link", "click", () => this.copyLink());
    on("full", "click", () => this.fullScreen());
  }

  part(name) {
    return this.root.querySelector(`[data-log-${name}]`);
  }

  change(settings) {
    Object.assign(this, settings);
    localStorage.setItem(REMEMBERED, JSON.stringify({ wrap: this.wrap, time: this.time }));
    this.apply();
    this.viewer.refit();
  }

  apply() {
    const { pane, list } = this.viewer;
    list.wrap = this.wrap;
    pane.classList.toggle("has-time", this.time !== "off");
    // A live log would be read out line by line; only whoever asks for that gets it.
    pane.setAttribute("aria-live", this.aloud ? "polite" : "off");
    this.part("wrap").setAttribute("aria-pressed", String(this.wrap));
    this.part("aloud").setAttribute("aria-pressed", String(this.aloud));
    this.part("time").value = this.time;
  }

  /** Rows come and go while scrolling, so what is read aloud are the new lines themselves. */
  announce(lines) {
    if (this.aloud) this.viewer.say(lines.slice(-5).map((line) => line.plain).join("\n"));
  }

  /** Makes a line (or, with Shift, all from the one before to it) the page's address. */
  link(seq, extend) {
    const before = extend && range(location.hash);
    const [from, to] = before ? [Math.min(before[0], seq), Math.max(before[1], seq)] : [seq, seq];
    history.replaceState(null, "", from === to ? `#L${from}` : `#L${from}-L${to}`);
    this.viewer.target = this.viewer.arrived = [from, to];
    this.viewer.redraw();
  }

  async copyLink() {
    if (!range(location.hash)) {
      const line = this.viewer.search.current ?? this.viewer.firstVisible();
      if (line) this.link(line.seq, false);
    }
    const [from] = range(location.hash) ?? [];
    const copied = await navigator.clipboard?.writeText(location.href).then(() => true, () => false);
    this.viewer.say(copied ? `Link to line ${from} copied.` : `The address now links to line ${from}.`);
  }

  fullScreen() {
    if (document.fullscreenElement) document.exitFullscreen();
    else this.root.requestFullscreen?.();
  }

  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    // Of two logs on a page, keys are for the one that has the focus, else for the first.
    if ((event.target.closest("[data-log]") ?? document.querySelector("[data-log]")) !== this.root) return;
    if (event.key === "End" && this.viewer.pane.contains(event.target)) this.viewer.follow.set(true);
    const action = localStorage.getItem(KEYS_OFF) === null && this.keys()[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  }

  keys() {
    const { viewer } = this;
    return {
      n: () => viewer.bar.step(1),
      N: () => viewer.bar.step(-1),
      w: () => this.change({ wrap: !this.wrap }),
      f: () => this.fullScreen(),
      ".": () => viewer.follow.set(!viewer.follow.on),
    };
  }
}
