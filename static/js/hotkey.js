// Ctrl-K (or Cmd-K) goes to the search box.
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
  const box = document.querySelector("[data-hotkey=k]");
  if (!box) return;
  event.preventDefault();
  box.focus();
  box.select();
});

// A form that came back with errors: the summary is read first.
document.querySelector("[data-summary]")?.focus();
