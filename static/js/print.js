// <button data-prints hidden>: without JavaScript there is no such button; the browser's own menu prints as well.
for (const button of document.querySelectorAll("[data-prints]")) {
  button.hidden = false;
  button.addEventListener("click", () => window.print());
}
