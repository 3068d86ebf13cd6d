// Durations and clock times as people read them.

/** "840 ms", "12 s", "3 min 05 s", "2 h 04 min" between two times (ISO text or milliseconds). */
export function duration(from, to) {
  const ms = Math.max(0, new Date(to) - new Date(from));
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 10000) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const seconds = Math.floor(ms / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return `${minutes} min ${two(seconds % 60)} s`;
  return `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`;
}

/** How a line's time is shown: a function of milliseconds, or null for "not at all". */
export function clock(kind, startedAt) {
  if (kind === "local") return (at) => local(new Date(at));
  if (kind === "utc") return (at) => `${new Date(at).toISOString().slice(11, 23)}Z`;
  if (kind === "since") return (at) => `+${((at - (startedAt ?? at)) / 1000).toFixed(3)}`;
  return null;
}

function local(date) {
  const ms = String(date.getMilliseconds()).padStart(3, "0");
  return `${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}.${ms}`;
}

function two(number) {
  return String(number).padStart(2, "0");
}
