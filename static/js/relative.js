// Keeps "3 minutes ago" true. The server wrote the same words (opsportal/relative.py).
const DAY = 86400;
const words = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "always" });
const now = new Intl.RelativeTimeFormat(document.documentElement.lang, { numeric: "auto" });

function say(seconds) {
  const size = Math.abs(seconds);
  if (size < 5) return now.format(0, "second");
  if (size < 60) return words.format(seconds, "second");
  if (size < 3600) return words.format(Math.trunc(seconds / 60), "minute");
  return words.format(Math.trunc(seconds / 3600), "hour");
}

function refresh() {
  for (const time of document.querySelectorAll("time[data-relative]")) {
    const seconds = Math.trunc((new Date(time.dateTime) - Date.now()) / 1000);
    if (Math.abs(seconds) < DAY) time.textContent = say(seconds);
  }
}

setInterval(() => document.hidden || refresh(), 10000);
