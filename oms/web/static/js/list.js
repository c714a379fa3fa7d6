// A list one works through by keys: the focus is on the row's link, so readers follow.
import { read } from "./app.js";

const list = () => document.querySelector("[data-list]");
const rows = () => [...(list()?.querySelectorAll("[data-row]") ?? [])];
const linkOf = (row) => row?.querySelector("a.main-link");
const boxOf = (row) => row?.querySelector("input[type=checkbox]");
let lastChosen = null;

const here = () => rows().find((row) => row.classList.contains("here"));

function stand(row) {
  if (!row) return;
  for (const each of rows()) each.classList.toggle("here", each === row);
  linkOf(row)?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
  const panel = document.getElementById("peek");
  if (panel && !panel.hidden) peek(row);
}

function step(by) {
  const all = rows();
  const at = all.indexOf(here());
  stand(all[at < 0 ? 0 : Math.min(all.length - 1, Math.max(0, at + by))]);
}

function peek(row) {
  row?.querySelector("[data-peek]")?.click();
}

function closePeek() {
  const panel = document.getElementById("peek");
  if (!panel || panel.hidden) return false;
  panel.hidden = true;
  panel.replaceChildren();
  linkOf(here())?.focus();
  return true;
}

function choose(row, isRange) {
  const all = rows();
  const box = boxOf(row);
  if (!box) return;
  if (isRange && lastChosen) {
    const [from, to] = [all.indexOf(lastChosen), all.indexOf(row)].sort((a, b) => a - b);
    for (const each of all.slice(Math.max(0, from), to + 1)) boxOf(each).checked = true;
  } else {
    box.checked = !box.checked;
  }
  lastChosen = row;
  count();
}

// How many are chosen, and the bar of what can be done with them.
function count() {
  const bar = document.getElementById("bulk");
  const all = rows();
  const chosen = all.filter((row) => boxOf(row)?.checked).length;
  const head = document.querySelector("[data-choose-all]");
  if (head) {
    head.checked = chosen > 0 && chosen === all.length;
    head.indeterminate = chosen > 0 && chosen < all.length;
  }
  if (!bar) return;
  bar.hidden = !chosen;
  for (const each of bar.querySelectorAll("[data-chosen]")) each.textContent = chosen;
  const whole = bar.querySelector("[name=all]");
  if (whole && chosen < all.length) whole.value = "";
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !list()) return;
  if (event.target instanceof Element && event.target.closest("input:not([type=checkbox]), textarea, select, dialog")) return;
  if (event.key === "Escape") {
    if (!closePeek()) clear();
    return;
  }
  if (read("keys") === "off" || document.querySelector("dialog[open]")) return;
  const key = event.key.toLowerCase();
  const row = here();
  if (key === "j") step(1);
  else if (key === "k") step(-1);
  else if (key === "x") choose(row ?? rows()[0], event.shiftKey);
  else if (event.key === " " && row && !event.target.closest("button, [data-open], summary")) peek(row);
  else if (key.length === 1 && document.querySelector(`#bulk:not([hidden]) [data-key="${CSS.escape(key)}"]`)) {
    document.querySelector(`#bulk [data-key="${CSS.escape(key)}"]`).click();
  } else return;
  event.preventDefault();
});

function clear() {
  for (const row of rows()) if (boxOf(row)) boxOf(row).checked = false;
  count();
}

document.addEventListener("change", (event) => {
  if (event.target.matches("[data-choose-all]")) {
    for (const row of rows()) if (boxOf(row)) boxOf(row).checked = event.target.checked;
    count();
  } else if (event.target.closest("[data-row]")) {
    lastChosen = event.target.closest("[data-row]");
    count();
  }
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-clear]")) clear();
  if (event.target.closest("[data-close-peek]")) closePeek();
  const all = event.target.closest("[data-all]");
  if (all) {
    document.querySelector("#bulk [name=all]").value = "1";
    for (const each of document.querySelectorAll("#bulk [data-chosen]")) each.textContent = all.dataset.all;
  }
  const row = event.target.closest("[data-row]");
  if (row) for (const each of rows()) each.classList.toggle("here", each === row);
});

// After an act on many: what failed stays chosen, what worked does not, and the next act is a new one.
let failed = null;
document.addEventListener("desk-changed", (event) => { failed = new Set(event.detail.failed ?? []); });
document.addEventListener("htmx:after:request", (event) => {
  const source = event.detail.ctx.sourceElement;
  const key = source.closest("#bulk, #hold")
    ? document.querySelector("#bulk [name=_key]")
    : null;
  if (key) key.value = [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, "0")).join("");
});
document.addEventListener("htmx:after:swap", () => {
  if (failed && !document.querySelector(".htmx-request [data-row]")) {
    for (const row of rows()) if (boxOf(row)) boxOf(row).checked = failed.has(boxOf(row).value.split("~")[0]);
  }
  count();
  const panel = document.getElementById("peek");
  if (panel?.childElementCount) panel.hidden = false;
});
count();
