// htmx calls whose session is over: the server answers HX-Redirect, which htmx follows by itself, to sign-in and back.
// What htmx does not do by itself: say that a call failed. The page stays as it was, and so does what was typed.
import { toast } from "./toast.js";

const place = document.querySelector("[data-toasts]");

// What asks by itself says "stale" in its own place (live.js).
const asksByItself = (event) => event.detail.elt.closest("[data-live]");

document.addEventListener("htmx:responseError", (event) => {
  if (asksByItself(event) || event.detail.xhr.getResponseHeader("HX-Redirect")) return;
  toast(event.detail.xhr.status === 403 ? place.dataset.refused : place.dataset.failed);
});
for (const failed of ["htmx:sendError", "htmx:timeout"]) {
  document.addEventListener(failed, (event) => asksByItself(event) || toast(place.dataset.offline));
}
