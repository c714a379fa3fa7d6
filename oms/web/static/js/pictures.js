// Pictures that lead somewhere, and figures that are read again when something changed.
document.addEventListener("click", (event) => {
  const shape = event.target.closest?.("[data-href]");
  if (shape) location.href = shape.dataset.href;
});

// At most every five seconds: whoever looks wants today's figures, not every single change.
const REST_MS = 5000;
let waiting = 0;
document.addEventListener("oms:changed", () => {
  if (!document.querySelector("[data-refresh]")) return;
  waiting ||= setTimeout(() => {
    waiting = 0;
    document.body.dispatchEvent(new CustomEvent("picture-old"));
  }, REST_MS);
});
