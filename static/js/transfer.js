// Files on their way to an upload: two at a time, each with its state, each to be tried again. Large ones go on where
// they broke off, also after a reload of the page, when the same file is given again.
import { call, put } from "./api.js";
import { Pace } from "./pace.js";
import { Resumable } from "./resumable.js";

const AT_ONCE = 2;
const IN_ONE_REQUEST = 4_000_000;
const UNITS = ["bytes", "kB", "MB", "GB", "TB"];

export function size(bytes) {
  if (bytes === 1) return "1 byte";
  const power = bytes < 1000 ? 0 : Math.min(Math.floor(Math.log10(bytes) / 3), UNITS.length - 1);
  const number = bytes / 1000 ** power;
  return `${number >= 100 || power === 0 ? number.toFixed(0) : number.toFixed(1)} ${UNITS[power]}`;
}

/** A row: {path, size, file (null until it is given again after a reload), modified, url (of tus), sent, reason,
 *  state: waiting | sending | done | failed | interrupted, holds (waits for the connection)}. */
export class Transfer {
  rows = new Map(); // path -> row
  paused = false;
  #upload = null;
  #pace = new Pace();
  #memory;
  #lanes = 0;

  /** `memory`: under what name the tab remembers the upload over a reload; none if it need not. */
  constructor(api, changed, memory = "") {
    this.api = api;
    this.changed = changed;
    this.#memory = memory;
    if (memory) window.addEventListener("pagehide", () => this.busy && this.#remember());
  }

  get id() { return this.#upload?.id; }
  get all() { return [...this.rows.values()]; }
  get total() { return this.all.reduce((sum, row) => sum + row.size, 0); }
  get sent() { return this.all.reduce((sum, row) => sum + Math.min(row.sent, row.size), 0); }
  get failed() { return this.all.filter((row) => row.state === "failed"); }
  get interrupted() { return this.all.filter((row) => row.state === "interrupted"); }
  get complete() { return this.rows.size > 0 && this.all.every((row) => row.state === "done"); }
  get busy() { return this.all.some((row) => row.state === "waiting" || row.state === "sending"); }
  get bytesPerSecond() { return this.#pace.rate(performance.now()); }
  get secondsLeft() { return (this.total - this.sent) / this.bytesPerSecond; }

  async add(files) {
    if (!this.busy) this.#pace.forget();
    for (const { file, path } of files) this.#take(file, path);
    this.changed();
    await this.#run();
  }

  /** The same file as before goes on where it was; any other under its path takes its place. */
  #take(file, path) {
    const before = this.rows.get(path);
    before?.sending?.pause();
    const same = before?.url && before.size === file.size && before.modified === file.lastModified;
    const row = { file, path, size: file.size, modified: file.lastModified, url: "", sent: 0, reason: "", state: "waiting" };
    if (same) Object.assign(row, { url: before.url, sent: before.sent });
    this.rows.set(path, row);
  }

  async retry(row) {
    Object.assign(row, { state: "waiting", reason: "" });
    await this.#run();
  }

  async pause() {
    this.paused = true;
    this.changed();
    await Promise.all(this.all.map((row) => row.sending?.pause()));
  }

  async resume() {
    this.paused = false;
    this.#pace.forget();
    await this.#run();
  }

  async startOver() {
    const id = this.id;
    await this.pause();
    this.paused = false;
    this.rows.clear();
    this.#upload = null;
    this.forget();
    this.changed();
    if (id) await call("DELETE", `${this.api}/uploads/${id}`).catch(() => {}); // swept after a day in any case
  }

  guess() {
    return call("GET", `${this.api}/uploads/${this.id}`).then((upload) => upload.guess);
  }

  /** Has the studio put what an archive holds in its place. */
  async unpack(row) {
    const { files } = await call("POST", `${this.api}/uploads/${this.id}/unpack`, { path: row.path });
    this.rows.delete(row.path);
    for (const file of files) this.rows.set(file.path, arrived(file));
    this.#remember();
    this.changed();
  }

  forget() {
    if (this.#memory) sessionStorage.removeItem(this.#memory);
  }

  /** After a reload: what is there already, and what needs its file once more. */
  async recall() {
    const kept = this.#memory && JSON.parse(sessionStorage.getItem(this.#memory) ?? "null");
    if (!kept) return;
    const upload = await call("GET", `${this.api}/uploads/${kept.id}`).catch(() => null);
    if (!upload || this.rows.size) return void (upload || this.forget());
    this.#upload = upload;
    for (const file of upload.files) this.rows.set(file.path, arrived(file));
    for (const row of kept.rows) {
      if (!this.rows.has(row.path)) this.rows.set(row.path, { ...row, file: null, reason: "", state: "interrupted" });
    }
    this.changed();
  }

  #remember() {
    if (!this.#memory) return;
    const begun = this.all.filter(({ url, state }) => url && state !== "done");
    const rows = begun.map(({ path, size: bytes, modified, url, sent }) => ({ path, size: bytes, modified, url, sent }));
    sessionStorage.setItem(this.#memory, JSON.stringify({ id: this.id, rows }));
  }

  async #run() {
    try {
      this.#upload ??= await call("POST", `${this.api}/uploads`, {});
    } catch (problem) {
      for (const row of this.all) Object.assign(row, { state: "failed", reason: problem.message });
    }
    const lanes = Array.from({ length: AT_ONCE - this.#lanes }, () => this.#lane());
    await Promise.all(lanes);
    this.changed();
  }

  async #lane() {
    this.#lanes += 1;
    for (let row; !this.paused && (row = this.all.find(({ state }) => state === "waiting")); ) await this.#send(row);
    this.#lanes -= 1;
  }

  async #send(row) {
    row.state = "sending";
    this.#heard(row, row.sent);
    try {
      const whole = await (row.size > IN_ONE_REQUEST ? this.#inPieces(row) : this.#atOnce(row));
      Object.assign(row, whole ? { state: "done", sent: row.size } : { state: "waiting" });
    } catch (problem) {
      const share = row.size ? Math.floor((100 * row.sent) / row.size) : 0;
      const reason = problem.code === "offline" ? `Broke off at ${share} %` : problem.message;
      Object.assign(row, { state: "failed", reason });
    }
    Object.assign(row, { sending: null, holds: false });
    this.#remember();
    this.changed();
  }

  async #atOnce(row) {
    const path = row.path.split("/").map(encodeURIComponent).join("/");
    await put(`${this.api}/uploads/${this.id}/files/${path}`, row.file, (sent) => this.#heard(row, sent));
    return true;
  }

  #inPieces(row) {
    const heard = {
      progress: (sent) => this.#heard(row, sent),
      began: (url) => {
        row.url = url;
        this.#remember();
      },
      waits: () => {
        row.holds = true;
        this.changed();
      },
    };
    row.sending = new Resumable({ ...row, endpoint: `${this.api}/uploads/${this.id}/tus` }, heard);
    return row.sending.done;
  }

  #heard(row, sent) {
    Object.assign(row, { sent, holds: false });
    this.#pace.mark(this.sent, performance.now());
    this.changed();
  }
}

function arrived({ path, size: bytes }) {
  return { path, size: bytes, file: null, modified: 0, url: "", sent: bytes, reason: "", state: "done" };
}
