// Asks for what says [data-live] while the tab is visible: every 2 s, or every so many seconds as it says. htmx does the rest:
// hx-get, hx-trigger="live". A tab that comes back into view asks at once for what is due.
// An answer that fails makes it say "stale"; old figures must not look like new ones.
const EVERY = 2000;

const asked = new WeakMap();

function ask() {
  if (document.hidden) return;
  for (const element of document.querySelectorAll("[data-live]")) {
    const every = Number(element.dataset.live) * 1000 || EVERY;
    // What has just come is fresh; timers are a little early at times.
    if (!asked.has(element) && every > EVERY) asked.set(element, Date.now());
    if (Date.now() - (asked.get(element) ?? 0) < every - 100) continue;
    asked.set(element, Date.now());
    window.htmx?.trigger(element, "live");
  }
}

setInterval(ask, EVERY);
document.addEventListener("visibilitychange", ask);

for (const failed of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failed, (event) => event.detail.elt.closest("[data-live]")?.classList.add("is-stale"));
}
