// The bench before anything is open: one field for every code, wherever the focus is.
import { listen, signal, unlock } from "./scanner.js";

const field = document.getElementById("code");

addEventListener("pointerdown", unlock, { once: true });
addEventListener("keydown", unlock, { once: true });
listen(field, (code) => location.assign(`/pack?code=${encodeURIComponent(code)}`));

if (JSON.parse(document.getElementById("bench").textContent).isRefused) {
  document.body.dataset.tone = "wrong";
  signal("wrong");
  history.replaceState(null, "", "/pack"); // a reload asks for nothing again
}
document.addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
  delete document.body.dataset.tone;
  for (const part of document.getElementById("said").children) part.textContent = "";
});
field.focus();
