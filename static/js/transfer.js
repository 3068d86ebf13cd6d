// Files on their way to an upload: two at a time, each with its state, each to be tried again.
import { call, put } from "./api.js";

const AT_ONCE = 2;
const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

export function size(bytes) {
  if (bytes === 1) return "1 byte";
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const number = bytes / 1000 ** power;
  return `${number >= 100 || power === 0 ? number.toFixed(0) : number.toFixed(1)} ${UNITS[power]}`;
}

export class Transfer {
  rows = new Map(); // path -> {file, path, sent, state: waiting | sending | done | failed, reason}
  #upload = null;
  #started = 0;

  constructor(api, changed) {
    this.api = api;
    this.changed = changed;
  }

  get id() { return this.#upload?.id; }
  get all() { return [...this.rows.values()]; }
  get total() { return this.all.reduce((sum, row) => sum + row.file.size, 0); }
  get sent() { return this.all.reduce((sum, row) => sum + Math.min(row.sent, row.file.size), 0); }
  get failed() { return this.all.filter((row) => row.state === "failed"); }
  get complete() { return this.rows.size > 0 && this.all.every((row) => row.state === "done"); }
  get busy() { return this.all.some((row) => row.state === "waiting" || row.state === "sending"); }

  get bytesPerSecond() {
    const seconds = (performance.now() - this.#started) / 1000;
    return seconds > 0.5 ? this.sent / seconds : 0;
  }

  async add(files) {
    if (!this.busy) this.#started = performance.now();
    for (const { file, path } of files) this.rows.set(path, { file, path, sent: 0, state: "waiting", reason: "" });
    this.changed();
    await this.#run();
  }

  async retry(row) {
    Object.assign(row, { state: "waiting", sent: 0, reason: "" });
    await this.#run();
  }

  async startOver() {
    const id = this.id;
    this.rows.clear();
    this.#upload = null;
    this.changed();
    if (id) await call("DELETE", `${this.api}/uploads/${id}`).catch(() => {}); // swept after a day in any case
  }

  guess() {
    return call("GET", `${this.api}/uploads/${this.id}`).then((upload) => upload.guess);
  }

  async #run() {
    try {
      this.#upload ??= await call("POST", `${this.api}/uploads`, {});
    } catch (problem) {
      for (const row of this.all) Object.assign(row, { state: "failed", reason: problem.message });
    }
    const lanes = Array.from({ length: AT_ONCE }, () => this.#lane());
    await Promise.all(lanes);
    this.changed();
  }

  async #lane() {
    for (let row; (row = this.all.find(({ state }) => state === "waiting")); ) await this.#send(row);
  }

  async #send(row) {
    row.state = "sending";
    const path = row.path.split("/").map(encodeURIComponent).join("/");
    try {
      await put(`${this.api}/uploads/${this.id}/files/${path}`, row.file, (sent) => {
        row.sent = sent;
        this.changed();
      });
      Object.assign(row, { state: "done", sent: row.file.size });
    } catch (problem) {
      const share = row.file.size ? Math.floor((100 * row.sent) / row.file.size) : 0;
      const reason = problem.code === "offline" ? `Broke off at ${share} %` : problem.message;
      Object.assign(row, { state: "failed", sent: 0, reason });
    }
    this.changed();
  }
}
