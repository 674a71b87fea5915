// Nobody who wants to stop something waits long for a question, or answers it twice.
const PATIENCE = 3000;

// <a data-opens="id" href="…"> shows the question <dialog id> over the page. If it is not in the page, it is taken from
// the page the link leads to; if that fails, the browser goes there, as it does without JavaScript.
async function fetched(id, href) {
  const answer = await fetch(href, { headers: { "X-Requested-With": "fetch" }, signal: AbortSignal.timeout(PATIENCE) });
  if (!answer.ok || answer.redirected) return null;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const dialog = page.getElementById(id);
  if (!(dialog instanceof HTMLDialogElement)) return null;
  const there = document.getElementById(id);
  if (there) return there;
  const own = document.importNode(dialog, true);
  own.removeAttribute("open");
  // Fetched fresh each time, since its figures change.
  own.addEventListener("close", () => own.remove());
  document.body.append(own);
  return own;
}

document.addEventListener("click", async (event) => {
  const opener = event.target.closest("[data-opens]");
  if (!opener || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const id = opener.dataset.opens;
  const dialog = document.getElementById(id) ?? (await fetched(id, opener.href).catch(() => null));
  if (!dialog) location.assign(opener.href);
  else if (!dialog.open) dialog.showModal();
  else dialog.querySelector("[autofocus]")?.focus();
});

// In an open dialog the way out closes it; in the page it is a link like any other.
document.addEventListener("click", (event) => {
  const dialog = event.target.closest("[data-closes]")?.closest("dialog:modal");
  if (!dialog) return;
  event.preventDefault();
  dialog.close();
});
