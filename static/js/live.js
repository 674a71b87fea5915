// Asks every 2 s for what says [data-live], while the tab is visible. htmx does the rest: hx-get, hx-trigger="live".
// An answer that fails makes it say "stale"; old figures must not look like new ones.
const EVERY = 2000;

const live = () => document.querySelectorAll("[data-live]");

setInterval(() => {
  if (!document.hidden) for (const element of live()) window.htmx?.trigger(element, "live");
}, EVERY);

for (const failed of ["htmx:responseError", "htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failed, (event) => event.detail.elt.closest("[data-live]")?.classList.add("is-stale"));
}
