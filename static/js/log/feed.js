// Where the lines come from: a websocket; where a proxy refuses it, server-sent events; where those are
// refused too, plain requests. Each way resumes after the last line received, so changing over loses none.

const UPGRADE_TIMEOUT_MS = 5000;
const POLL_MS = 1000;
const SILENCE_MS = 20000;
const SOCKET_AGAIN_MS = 60000;
const SIGNED_OUT = 4401;
const GONE = 4404;

/** Before attempt `n` (from 0): 0.5 s doubling to 10 s, less up to half of it so that viewers spread out. */
export function retryDelay(n, random = Math.random) {
  return Math.min(10000, 500 * 2 ** n) * (1 - random() / 2);
}

const joined = (url, query) => url + (url.includes("?") ? "&" : "?") + query;

export class Feed {
  /** `urls`: {socket, events, lines, state}; without a state none is asked for. `after()` is the last number
      received. `on` hears lines(list), state(deployment), trouble(why the lines cannot be had, or ""), end() and
      mode(name): connecting, socket, events, poll, offline, signed-out, gone, ended. `world` holds WebSocket,
      EventSource, fetch and the timers. */
  constructor({ urls, after, on, world = globalThis }) {
    Object.assign(this, { urls, after, on, world });
    this.attempt = 0;
    this.generation = 0;
    this.timers = new Set();
  }

  start() {
    this.connect();
  }

  /** Asks at once for whatever was missed: after a sleep, or in a tab that was in the background. */
  async wake() {
    if (this.done) return;
    if (this.name === "offline") this.connect();
    else if (await this.catchUp()) this.connect();
  }

  connect() {
    const { generation, world } = this.renew();
    if (!this.name) this.mode("connecting");
    const socket = this.channel = new world.WebSocket(joined(this.urls.socket, `after=${this.after()}`));
    let opened = false;
    const give = this.later(() => socket.close(), UPGRADE_TIMEOUT_MS);
    socket.onopen = () => {
      opened = true;
      this.cancel(give);
      this.settled("socket");
    };
    socket.onmessage = ({ data }) => generation === this.generation && this.receive(JSON.parse(data));
    socket.onclose = ({ code }) => {
      if (generation !== this.generation) return;
      if (code === SIGNED_OUT || code === GONE) this.finish(code === GONE ? "gone" : "signed-out");
      else if (opened) this.retry();
      else this.listen();
    };
  }

  listen() {
    const { generation, world } = this.renew();
    const source = this.channel = new world.EventSource(joined(this.urls.events, `after_seq=${this.after()}`));
    let opened = false;
    source.onopen = () => {
      opened = true;
      this.settled("events");
      this.later(() => this.connect(), SOCKET_AGAIN_MS);
    };
    const hear = (type, read) => source.addEventListener(type, (event) => {
      if (generation === this.generation) this.receive({ type: type === "message" ? "lines" : type, ...read(event) });
    });
    hear("message", (event) => ({ lines: [JSON.parse(event.data)] }));
    hear("state", (event) => ({ deployment: JSON.parse(event.data) }));
    hear("trouble", (event) => JSON.parse(event.data));
    hear("end", (event) => JSON.parse(event.data));
    source.onerror = () => {
      if (generation !== this.generation) return;
      if (opened) this.retry();
      else this.poll(this.world.performance.now());
    };
  }

  async poll(since) {
    const { generation } = this.renew();
    const answer = await this.ask();
    if (generation !== this.generation || !answer) return;
    if (this.name !== "poll") this.settled("poll");
    if (answer.finished) return this.finish("ended");
    const over = this.world.performance.now() - since > SOCKET_AGAIN_MS;
    this.later(() => (over ? this.connect() : this.poll(since)), POLL_MS);
  }

  /** Fetches lines and state once, telling what came; null when the server cannot be reached. */
  async ask() {
    try {
      let page;
      do {
        page = await this.get(joined(this.urls.lines, `after_seq=${this.after()}&limit=1000`));
        this.on.lines(page.lines);
      } while (page.lines.length >= 1000);
      if (this.urls.state) this.on.state(await this.get(this.urls.state));
      this.on.trouble("");
      return page;
    } catch (error) {
      if (error.code === "target-unavailable") {
        this.on.trouble(`${error.message} ${error.advice}`);
        return { lines: [], finished: false };
      }
      if (error.status === 401 || error.status === 403) this.finish("signed-out");
      else if (error.status === 404) this.finish("gone");
      else this.retry();
      return null;
    }
  }

  async get(url) {
    const response = await this.world.fetch(url, { headers: { Accept: "application/json" }, cache: "no-store" });
    if (response.ok) return response.json();
    const { detail, code, advice } = await response.json().catch(() => ({}));
    const { status } = response;
    throw Object.assign(new Error(detail ?? `${url} answered ${status}`), { status, code, advice });
  }

  /** True when the channel had missed something. */
  async catchUp() {
    const before = this.after();
    const answer = await this.ask();
    if (answer?.finished) this.finish("ended");
    return Boolean(answer) && !answer.finished && this.after() > before;
  }

  receive(message) {
    this.watch();
    if (message.type === "lines") this.on.lines(message.lines);
    else if (message.type === "state") this.on.state(message.deployment);
    else if (message.type === "trouble") this.on.trouble(message.detail);
    else if (message.type === "end") this.finish(message.status === "deleted" ? "gone" : "ended");
  }

  settled(name) {
    this.attempt = 0;
    this.mode(name);
    this.watch();
  }

  /** A quiet channel may be a quiet build or a dead connection: ask, and join again when lines were missed. */
  watch() {
    if (this.name !== "socket" && this.name !== "events") return;
    this.cancel(this.silence);
    this.silence = this.later(async () => {
      if (await this.catchUp()) this.connect();
      else if (!this.done) this.watch();
    }, SILENCE_MS);
  }

  retry() {
    this.renew();
    this.mode("offline");
    this.later(() => this.connect(), retryDelay(this.attempt++));
  }

  finish(name) {
    this.renew();
    this.done = true;
    this.mode(name);
    if (name === "ended") this.on.end();
  }

  mode(name) {
    this.name = name;
    this.on.mode(name);
  }

  /** Leaves whatever was tried before; its late events no longer count. */
  renew() {
    this.generation += 1;
    this.channel?.close();
    this.channel = null;
    for (const timer of this.timers) this.world.clearTimeout(timer);
    this.timers.clear();
    return { generation: this.generation, world: this.world };
  }

  later(action, delay) {
    const timer = this.world.setTimeout(() => {
      this.timers.delete(timer);
      action();
    }, delay);
    this.timers.add(timer);
    return timer;
  }

  cancel(timer) {
    this.timers.delete(timer);
    this.world.clearTimeout(timer);
  }
}
