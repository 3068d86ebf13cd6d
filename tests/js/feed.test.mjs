import assert from "node:assert/strict";
import test from "node:test";

import { Feed, retryDelay } from "../../static/js/log/feed.js";

const URLS = { socket: "ws://studio/log", events: "/log/stream", lines: "/log", state: "/deployment" };
const line = (seq) => ({ seq, at: "2026-11-21T08:00:00Z", step: "environment", stream: "stdout", text: `line ${seq}` });
const settle = () => new Promise((resolve) => setImmediate(resolve));

/** A browser whose sockets, event sources and requests are played by the test. */
function browser({ answer = () => ({ lines: [], finished: false }) } = {}) {
  const world = { sockets: [], sources: [], asked: [], timers: new Map(), now: 0, next: 1 };
  class Channel extends EventTarget {
    constructor(url, list) {
      super();
      this.url = url;
      list.push(this);
    }
    close() { this.closed = true; }
  }
  return Object.assign(world, {
    WebSocket: class extends Channel { constructor(url) { super(url, world.sockets); } },
    EventSource: class extends Channel { constructor(url) { super(url, world.sources); } },
    performance: { now: () => world.now },
    setTimeout: (action, delay) => { world.timers.set(world.next, { action, delay }); return world.next++; },
    clearTimeout: (timer) => world.timers.delete(timer),
    fetch: async (url) => {
      world.asked.push(url);
      const body = answer(url);
      if (body instanceof Error) throw body;
      const status = typeof body.status === "number" ? body.status : 200;
      return { ok: status === 200, status, json: async () => body };
    },
    /** Runs the timer set with about this delay. */
    elapse: (from, to) => {
      const [key, timer] = [...world.timers].find(([, { delay }]) => delay >= from && delay <= to);
      world.timers.delete(key);
      timer.action();
    },
  });
}

function started(world, urls = URLS) {
  const heard = { seqs: [], modes: [], troubles: [], ended: 0, last: 0 };
  const on = {
    lines: (lines) => lines.forEach(({ seq }) => { heard.seqs.push(seq); heard.last = Math.max(heard.last, seq); }),
    state: () => {},
    trouble: (why) => heard.troubles.push(why),
    end: () => { heard.ended += 1; },
    mode: (name) => heard.modes.push(name),
  };
  new Feed({ urls, after: () => heard.last, on, world }).start();
  return heard;
}

const send = (socket, message) => socket.onmessage({ data: JSON.stringify(message) });

test("lines come over the websocket until the end", () => {
  const world = browser();
  const heard = started(world);
  const [socket] = world.sockets;
  assert.equal(socket.url, "ws://studio/log?after=0");
  socket.onopen();
  send(socket, { type: "lines", lines: [line(1), line(2)] });
  send(socket, { type: "end", status: "live" });
  assert.deepEqual(heard.seqs, [1, 2]);
  assert.deepEqual(heard.modes, ["connecting", "socket", "ended"]);
  assert.equal(heard.ended, 1);
  assert.equal(world.timers.size, 0);
});

test("a dropped websocket is opened again after the last line received", () => {
  const world = browser();
  const heard = started(world);
  world.sockets[0].onopen();
  send(world.sockets[0], { type: "lines", lines: [line(1), line(2)] });
  world.sockets[0].onclose({ code: 1006 });
  assert.equal(heard.modes.at(-1), "offline");
  world.elapse(250, 500);
  assert.equal(world.sockets[1].url, "ws://studio/log?after=2");
});

test("a refused upgrade falls back to server-sent events, and tries the websocket again later", () => {
  const world = browser();
  const heard = started(world);
  world.sockets[0].onclose({ code: 1006 });
  const [source] = world.sources;
  assert.equal(source.url, "/log/stream?after_seq=0");
  source.onopen();
  assert.equal(heard.modes.at(-1), "events");
  source.dispatchEvent(Object.assign(new Event("message"), { data: JSON.stringify(line(1)) }));
  assert.deepEqual(heard.seqs, [1]);
  world.elapse(60000, 60000);
  assert.equal(world.sockets[1].url, "ws://studio/log?after=1");
});

test("an upgrade that hangs counts as refused", () => {
  const world = browser();
  started(world);
  world.elapse(5000, 5000);
  assert.ok(world.sockets[0].closed);
});

test("where events are refused too, it asks every second", async () => {
  const pages = [{ lines: [line(1)], finished: false }, {}, { lines: [line(2)], finished: true }, {}];
  const world = browser({ answer: () => pages.shift() });
  const heard = started(world);
  world.sockets[0].onclose({ code: 1006 });
  world.sources[0].onerror();
  await settle();
  assert.equal(heard.modes.at(-1), "poll");
  world.elapse(1000, 1000);
  await settle();
  assert.deepEqual(world.asked.filter((url) => url.startsWith("/log")), ["/log?after_seq=0&limit=1000", "/log?after_seq=1&limit=1000"]);
  assert.deepEqual(heard.seqs, [1, 2]);
  assert.equal(heard.ended, 1);
});

test("a studio that does not answer at all is tried again, more and more slowly", async () => {
  const world = browser({ answer: () => new TypeError("Failed to fetch") });
  const heard = started(world);
  for (const longest of [500, 1000, 2000]) {
    world.sockets.at(-1).onclose({ code: 1006 });
    world.sources.at(-1).onerror();
    await settle();
    assert.equal(heard.modes.at(-1), "offline");
    world.elapse(longest / 2, longest);
  }
  assert.equal(retryDelay(20, () => 0), 10000);
});

test("someone signed out meanwhile is told so and not asked for again", async () => {
  const world = browser({ answer: () => ({ status: 403 }) });
  const heard = started(world);
  world.sockets[0].onclose({ code: 1006 });
  world.sources[0].onerror();
  await settle();
  assert.equal(heard.modes.at(-1), "signed-out");
  assert.equal(world.timers.size, 0);
});

test("a websocket that has gone quiet while lines were written is left for a new one", async () => {
  const pages = [{ lines: [line(1)], finished: false }, {}];
  const world = browser({ answer: () => pages.shift() });
  const heard = started(world);
  world.sockets[0].onopen();
  world.elapse(20000, 20000);
  await settle();
  assert.deepEqual(heard.seqs, [1]);
  assert.equal(world.sockets[1].url, "ws://studio/log?after=1");
  assert.ok(world.sockets[0].closed);
});

const SERVICE = { socket: "ws://studio/log?replica=a-1", events: "/log/stream?replica=a-1", lines: "/log?replica=a-1" };

test("a service's log has no state to ask for, and its addresses may have a question already", async () => {
  const world = browser({ answer: () => ({ lines: [line(1790000000000001)], finished: false }) });
  const heard = started(world, SERVICE);
  assert.equal(world.sockets[0].url, "ws://studio/log?replica=a-1&after=0");
  world.sockets[0].onclose({ code: 1006 });
  assert.equal(world.sources[0].url, "/log/stream?replica=a-1&after_seq=0");
  world.sources[0].onerror();
  await settle();
  assert.deepEqual(world.asked, ["/log?replica=a-1&after_seq=0&limit=1000"]);
  assert.equal(heard.modes.at(-1), "poll");
  world.elapse(1000, 1000);
  assert.equal(world.asked[1], "/log?replica=a-1&after_seq=1790000000000001&limit=1000");
});

test("a target that does not answer is told, and asked again", async () => {
  const refusal = { status: 503, code: "target-unavailable", detail: "The engine is away.", advice: "Start it." };
  const answers = [refusal, { lines: [line(1)], finished: false }];
  const world = browser({ answer: () => answers.shift() });
  const heard = started(world, SERVICE);
  send(world.sockets[0], { type: "trouble", detail: "Away." });
  world.sockets[0].onclose({ code: 1006 });
  world.sources[0].onerror();
  await settle();
  assert.equal(heard.modes.at(-1), "poll");
  world.elapse(1000, 1000);
  await settle();
  assert.deepEqual(heard.troubles, ["Away.", "The engine is away. Start it.", ""]);
  assert.deepEqual(heard.seqs, [1]);
});

test("what was deleted is gone, over a websocket as over events", () => {
  for (const over of ["socket", "events"]) {
    const world = browser();
    const heard = started(world, SERVICE);
    if (over === "socket") send(world.sockets[0], { type: "end", status: "deleted" });
    else {
      world.sockets[0].onclose({ code: 1006 });
      world.sources[0].dispatchEvent(Object.assign(new Event("end"), { data: '{"status":"deleted"}' }));
    }
    assert.equal(heard.modes.at(-1), "gone");
    assert.equal(heard.ended, 0);
    assert.equal(world.timers.size, 0);
  }
});
