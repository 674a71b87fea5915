// htmx calls whose session is over: the server answers HX-Redirect, which htmx follows by itself, to sign-in and back.
// What htmx does not do by itself: say that a call failed. The page stays as it was, and so does what was typed.
import { toast } from "./toast.js";

const place = document.querySelector("[data-toasts]");

document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.getResponseHeader("HX-Redirect")) return;
  toast(event.detail.xhr.status === 403 ? place.dataset.refused : place.dataset.failed);
});
document.addEventListener("htmx:sendError", () => toast(place.dataset.offline));
document.addEventListener("htmx:timeout", () => toast(place.dataset.offline));
