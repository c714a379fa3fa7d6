// Handing over: each box is scanned as it goes into the van; what was not scanned stays. What was
// scanned survives a reload, and ticking by hand counts as scanning.
import "../answers.js";
import { read } from "./judge.js";
import { filled, listen, signal, unlock } from "./scanner.js";

const $ = (id) => document.getElementById(id);
const form = $("dock");
const words = $("words") ? JSON.parse($("words").textContent) : {};
const number = new Intl.NumberFormat(document.documentElement.lang);
const boxes = [...document.querySelectorAll("[name=box]")];
const KEY = `floor.dock.${form?.dataset.node}`;

function render() {
  const chosen = boxes.filter((box) => box.checked);
  for (const box of boxes) box.closest("li").classList.toggle("scanned", box.checked);
  for (const card of document.querySelectorAll(".courier")) {
    card.querySelector("[data-scanned]").textContent = number.format(card.querySelectorAll("[name=box]:checked").length);
  }
  const facts = { n: number.format(chosen.length) };
  $("ship").disabled = !chosen.length;
  $("ship").textContent = chosen.length ? filled(chosen.length === 1 ? words.shipOne : words.ship, facts) : words.none;
  const rest = boxes.length - chosen.length;
  $("left").textContent = rest && chosen.length ? filled(words.left, { n: number.format(rest) }) : "";
  try { sessionStorage.setItem(KEY, JSON.stringify(chosen.map((box) => box.value))); } catch { /* a reload begins anew */ }
}

function scanned(raw) {
  unlock();
  const code = read(raw).code.replace(/\s/g, "").toUpperCase();
  const box = boxes.find((each) => each.closest("li").dataset.codes.toUpperCase().split(" ").includes(code));
  if (!box) return say("wrong", words.unknown, filled(words.unknownWhy, { code: raw.trim() }));
  const card = box.closest(".courier");
  const label = box.closest("li").dataset.codes.split(" ")[0];
  if (box.checked) return say("right", words.again, filled(words.againWhy, { number: label }), "right");
  box.checked = true;
  render();
  box.closest("li").scrollIntoView({ block: "nearest" });
  const all = card.querySelectorAll("[name=box]").length;
  const done = card.querySelectorAll("[name=box]:checked").length;
  const facts = { number: label, title: card.querySelector("h2").textContent, done: number.format(done), all: number.format(all) };
  if (done === all) say("right", filled(words.all, facts), filled(words.rightWhy, facts), "all");
  else say("right", label, filled(words.rightWhy, facts), "right");
}

function say(tone, title, why, sound = tone) {
  document.body.dataset.tone = tone;
  $("said").querySelector("b").textContent = title;
  $("said").querySelector("p").textContent = why;
  signal(sound);
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]")) {
    delete document.body.dataset.tone;
    for (const part of $("said")?.children ?? []) part.textContent = "";
  }
});
if ($("code")) listen($("code"), scanned);
if (form) {
  try {
    const before = JSON.parse(sessionStorage.getItem(KEY)) ?? [];
    for (const box of boxes) box.checked = before.includes(box.value);
  } catch { /* nothing was kept */ }
  form.addEventListener("change", render);
  form.addEventListener("submit", () => { $("ship").setAttribute("aria-disabled", "true"); });
  render();
}
$("code")?.focus();
