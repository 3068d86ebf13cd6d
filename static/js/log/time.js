// Durations and clock times as people read them.

/** "0.4 s", "12 s", "3 min 05 s", "1 h 02 min" between two times (ISO text or milliseconds). */
export function duration(from, to) {
  const passed = Math.max(0, new Date(to) - new Date(from)) / 1000;
  if (passed < 10) return `${passed.toFixed(1)} s`;
  const seconds = Math.round(passed);
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
