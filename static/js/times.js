// Keeps <time data-relative> fresh, and tells its exact moment in the reader's own time zone.
const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });
const exact = new Intl.DateTimeFormat(document.documentElement.lang, {
  year: "numeric", month: "short", day: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
  timeZoneName: "short",
});

function relative(moment) {
  const seconds = (moment - Date.now()) / 1000;
  if (Math.abs(seconds) < 45) return "just now";
  if (Math.abs(seconds) < 45 * 60) return words.format(Math.round(seconds / 60) || -1, "minute");
  if (Math.abs(seconds) < 22 * 3600) return words.format(Math.round(seconds / 3600), "hour");
  return words.format(Math.round(seconds / 86400), "day");
}

function refresh() {
  for (const element of document.querySelectorAll("time[data-relative]")) {
    const moment = new Date(element.dateTime);
    const text = relative(moment);
    if (element.textContent !== text) element.textContent = text;
    if (!element.dataset.local) {
      element.title = exact.format(moment);
      element.dataset.local = "yes";
    }
  }
}

refresh();
setInterval(refresh, 20_000);
document.addEventListener("htmx:afterSwap", refresh);
document.addEventListener("slipway:times", refresh);
