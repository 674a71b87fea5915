// A short word on what a small act did. Goes after 6 s, unless it is being pointed at or holds the focus.
const STAYS = 6000;

export function toast(words) {
  const place = document.querySelector("[data-toasts]");
  if (!place) return;
  const box = document.createElement("div");
  box.className = "toast";
  box.textContent = words;
  place.append(box);
  const leave = () => (box.matches(":hover, :focus-within") ? setTimeout(leave, STAYS) : box.remove());
  setTimeout(leave, STAYS);
}

// A server's answer may carry HX-Trigger: {"toast": "…"}.
document.addEventListener("toast", (event) => toast(event.detail.value ?? event.detail));
