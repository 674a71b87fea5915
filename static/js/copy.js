// [data-copy="text"] copies its text and says so.
import { toast } from "./toast.js";

document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  try {
    await navigator.clipboard.writeText(button.dataset.copy);
    toast(`${button.dataset.copied}: ${button.dataset.copy}`);
  } catch {
    // No clipboard (plain HTTP, or refused): select the text, so that Ctrl-C takes it.
    const text = button.previousElementSibling;
    if (text) getSelection().selectAllChildren(text);
  }
});
