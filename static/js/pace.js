// How fast something goes now, not since it began: what came in the last seconds, and how long the rest will take.
const WINDOW_MS = 5000;
const LEAST_MS = 700;

export class Pace {
  #marks = []; // [time, done], oldest first

  /** `done` bytes are done at `now` (milliseconds of a clock that never goes back). */
  mark(done, now) {
    const last = this.#marks.at(-1);
    if (last && done < last[1]) this.#marks = []; // begun again
    this.#marks.push([now, done]);
    // One older than the window stays: it says how much was done when the window began.
    while (this.#marks.length > 2 && this.#marks[1][0] <= now - WINDOW_MS) this.#marks.shift();
  }

  /** Bytes a second; 0 while that cannot be told. */
  rate(now) {
    if (this.#marks.length < 2) return 0;
    const [since, before] = this.#marks[0];
    const elapsed = now - since;
    return elapsed < LEAST_MS ? 0 : ((this.#marks.at(-1)[1] - before) * 1000) / elapsed;
  }

  forget() {
    this.#marks = [];
  }
}

/** Seconds as people say them: "40 s left", "3 min left", "2 h 10 min left". */
export function timeLeft(seconds) {
  if (!Number.isFinite(seconds)) return "";
  if (seconds < 60) return `${Math.max(1, Math.ceil(seconds))} s left`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min left`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min left`;
}
