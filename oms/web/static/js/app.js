// What every page does: dialogs, filters' panels, the sign that work is in flight, this device's memory.
import "./answers.js";
import "./keyboard.js";

document.addEventListener("click", (event) => {
  const at = (selector) => event.target.closest(selector);
  const opener = at("[data-open]");
  if (opener) document.getElementById(opener.dataset.open)?.showModal();
  const closer = at("[data-close]");
  if (closer) closer.closest("dialog")?.close();
  const copy = at("[data-copy]");
  if (copy) navigator.clipboard?.writeText(copy.dataset.copy).then(() => copy.classList.add("ok"));
  if (event.target instanceof HTMLDialogElement) event.target.close(); // its backdrop
});

// A filter's panel closes when one goes elsewhere.
document.addEventListener("click", (event) => {
  for (const panel of document.querySelectorAll(".filters details[open]")) {
    if (!panel.contains(event.target)) panel.open = false;
  }
});

// Work in flight shows after a moment, not before: a short wait needs no sign.
let waiting = 0;
let line = null;
document.addEventListener("htmx:before:request", () => {
  waiting += 1;
  setTimeout(() => {
    if (waiting && !line) {
      line = document.createElement("div");
      line.className = "busy";
      document.body.append(line);
    }
  }, 150);
});
document.addEventListener("htmx:finally:request", () => {
  waiting = Math.max(0, waiting - 1);
  if (!waiting && line) {
    line.remove();
    line = null;
  }
});

// What this device remembers for its person: colours, density, keys. A browser that forbids it
// forgets, and works.
const THEMES = ["light", "dark", "auto"];

export function read(key) {
  try { return localStorage.getItem(key); } catch { return null; }
}

export function keep(key, value) {
  try { localStorage.setItem(key, value); } catch { /* forgotten, and that is all */ }
}

function chooseTheme(theme) {
  keep("theme", THEMES.includes(theme) ? theme : "auto");
  dispatchEvent(new Event("theme"));
}

document.addEventListener("click", (event) => {
  const theme = event.target.closest("[data-theme-set]")?.dataset.themeSet;
  if (theme) chooseTheme(theme);
  if (event.target.closest("[data-theme-next]")) {
    chooseTheme(document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  }
});

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-single-keys]")) keep("keys", event.target.checked ? "on" : "off");
});
for (const box of document.querySelectorAll("[data-single-keys]")) box.checked = read("keys") !== "off";
