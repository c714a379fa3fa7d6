// The keyboard: one field to go anywhere and find anything, where arrows choose and Enter goes;
// and single keys, which act only where nobody is typing and can be switched off.
import { keep, read } from "./app.js";

const palette = document.getElementById("palette");
const found = document.getElementById("found");

if (palette) {
  const input = palette.querySelector("input");
  const places = found.innerHTML;
  const options = () => [...found.querySelectorAll("[role=option]")];

  const choose = (step) => {
    const all = options();
    if (!all.length) return;
    const now = all.findIndex((each) => each.ariaSelected === "true");
    const next = all[(now + step + all.length) % all.length];
    for (const each of all) each.ariaSelected = String(each === next);
    next.id ||= `option-${all.indexOf(next)}`;
    input.setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  };

  palette.addEventListener("keydown", (event) => {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter" && !event.target.closest("button")) {
      event.preventDefault();
      const target = options().find((each) => each.ariaSelected === "true") ?? options()[0];
      target?.click();
    }
  });
  input.addEventListener("input", () => { if (!input.value.trim()) found.innerHTML = places; });
  palette.addEventListener("close", () => { input.value = ""; found.innerHTML = places; });
}

const GO_MS = 1200;
let goUntil = 0;

const isTyping = (target) => target.closest("input:not([type=checkbox]):not([type=radio]), textarea, select, [contenteditable]");

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
    event.preventDefault();
    document.getElementById("palette")?.showModal();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target instanceof Element && isTyping(event.target)) return;
  if (document.querySelector("dialog[open]") || read("keys") === "off") return;
  if (pressed(event.key, event)) event.preventDefault();
});

function pressed(key) {
  if (Date.now() < goUntil) {
    goUntil = 0;
    const link = document.querySelector(`[data-go="${CSS.escape(key.toLowerCase())}"]`);
    link?.click();
    return Boolean(link);
  }
  switch (key) {
    case "g": goUntil = Date.now() + GO_MS; return true;
    case "?": document.getElementById("keys")?.showModal(); return true;
    case "/": return focus(document.querySelector("[data-list-search]"));
    case "d": return density();
    default: return false;
  }
}

function focus(element) {
  element?.focus();
  element?.select?.();
  return Boolean(element);
}

function density() {
  const root = document.documentElement;
  root.dataset.rows = root.dataset.rows === "narrow" ? "wide" : "narrow";
  keep("rows", root.dataset.rows);
  return true;
}
