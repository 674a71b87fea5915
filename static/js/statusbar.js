// Refreshes the status bar, the banners and the bar's actions every 10 s while the tab is visible.
// If it could not, or the session is over, the bar says "stale": old figures must not look like new ones.
const EVERY = 10000;
const PATIENCE = 5000;
const bar = document.querySelector("[data-status-bar]");

// What an answer says: without the masked CSRF token, which differs each time, and without "3 minutes ago", which
// relative.js keeps true; else a banner would be read out again every 10 s.
function meaning(element) {
  const copy = element.cloneNode(true);
  for (const time of copy.querySelectorAll("time[data-relative]")) time.textContent = "";
  for (const token of copy.querySelectorAll("[name=csrfmiddlewaretoken]")) token.remove();
  return copy.innerHTML.replace(/\s+/g, " ");
}

function replace(region, fresh) {
  if (meaning(region) === meaning(fresh) || region.querySelector("dialog[open]")) return;
  const links = () => [...region.querySelectorAll("a, button")];
  const place = links().indexOf(document.activeElement);
  region.replaceChildren(...document.importNode(fresh, true).childNodes);
  window.htmx?.process(region);
  if (place >= 0) links()[place]?.focus();
}

async function refresh() {
  try {
    const answer = await fetch(bar.dataset.statusBar, { headers: { "HX-Request": "true" }, redirect: "error", signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok || answer.headers.has("HX-Redirect")) throw new Error(answer.status);
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    for (const fresh of page.querySelectorAll("[data-region]")) {
      const region = document.querySelector(`[data-region="${fresh.dataset.region}"]`);
      if (region) replace(region, fresh);
    }
    bar.classList.remove("is-stale");
  } catch {
    bar.classList.add("is-stale");
  }
}

if (bar) {
  let last = Date.now();
  const due = () => {
    if (document.hidden || Date.now() - last < EVERY) return;
    last = Date.now();
    refresh();
  };
  setInterval(due, 1000);
  document.addEventListener("visibilitychange", due);
  // "Back" shows the page as it was: it must not go on saying "open" after a STOP.
  addEventListener("pageshow", (event) => {
    if (event.persisted || performance.getEntriesByType("navigation")[0]?.type === "back_forward") refresh();
  });
}
