// One tote at the bench. Its items are verified here, scan by scan; the last good one closes the box
// and has it labelled. The server packs nothing that was not picked.
import { fetchSignedIn } from "../answers.js";
import { isGood, judge, left, normal, stopsOf } from "./judge.js";
import { filled, listen, signal, unlock, uuid } from "./scanner.js";

const $ = (id) => document.getElementById(id);
const given = JSON.parse($("floor").textContent);
const words = JSON.parse($("words").textContent);
const field = $("code");
const number = new Intl.NumberFormat(document.documentElement.lang);
const KEY = `floor.box.${given.list.id}`;
const KEY_WAIT_MS = 90; // a typed 2 is told from a scanned 2… by the keys that follow

// What was verified, which box, and the name of this closing: they survive a reload.
let box = recall() ?? { events: [], key: uuid(), kind: null };
let stops = [];
let last = null;
let known = {};
let missing = null;
let isClosing = false;
let isClosed = given.isClosed;

function recall() {
  try { return JSON.parse(sessionStorage.getItem(KEY)); } catch { return null; }
}

function keep() {
  try { sessionStorage.setItem(KEY, JSON.stringify(box)); } catch { /* a reload begins anew */ }
}

function render() {
  stops = stopsOf([given.list], box.events);
  for (const stop of stops) {
    const row = document.querySelector(`[data-item="${CSS.escape(stop.item)}"]`);
    row.querySelector("[data-done]").textContent = number.format(stop.done);
    row.classList.toggle("whole", !left(stop));
  }
  const all = stops.reduce((sum, stop) => sum + stop.wanted, 0);
  const done = stops.reduce((sum, stop) => sum + stop.done, 0);
  if ($("bar")) $("bar").value = done;
  if ($("verified")) $("verified").textContent = filled(words.verified, { done: number.format(done), all: number.format(all) });
}

function scanned(raw) {
  unlock();
  if (isClosing) return;
  if (isClosed || /^FO-\d+$/i.test(raw.trim())) return location.assign(`/pack?code=${encodeURIComponent(raw.trim())}`);
  const now = Date.now();
  const found = judge({ stops, times: 1, last, serials: box.serials, today: given.today, known }, raw, now);
  last = { raw: found.raw, at: now };
  if (found.verdict === "bounce") return;
  if (isGood(found.verdict)) return count(found);
  missing = null;
  const facts = { code: found.raw, item: found.item?.name ?? "", sku: found.item?.sku ?? "", wanted: number.format(found.stop?.wanted ?? 0) };
  if (found.verdict === "unknown") lookUp(found);
  say("wrong", words[found.verdict], filled(words[`${found.verdict}Why`], facts));
}

function count(found) {
  const { stop, units, said } = found;
  box.events.push({ kind: "scan", fulfilment: stop.fulfilment, item: stop.item, units });
  if (said.serial) box.serials = [...(box.serials ?? []), `${found.code}/${said.serial}`];
  keep();
  render();
  const rest = stops.reduce((sum, each) => sum + left(each), 0);
  if (found.verdict !== "all") return say("right", words.right, filled(words.more, { rest: number.format(rest) }));
  if (given.toPick) return say("stop", words.partly, words.partlyWhy);
  say("stop", words.all, words.closing);
  close();
}

async function lookUp(found) {
  missing = found.code;
  try {
    const answer = await fetch(`/pick/item?code=${encodeURIComponent(found.said.code)}`, { headers: { "HX-Request-Type": "partial" } });
    if (!answer.ok) return;
    const item = await answer.json();
    known = { ...known, [normal(found.said.code)]: item };
    if (missing === found.code && document.body.dataset.tone === "wrong") put(words.wrong, filled(words.wrongWhy, { item: item.name, sku: item.sku }));
  } catch { /* quoted as it stands */ }
}

function say(tone, title, why) {
  document.body.dataset.tone = tone === "wrong" || tone === "warn" ? tone : "right";
  put(title, why);
  signal(tone === "warn" ? "wrong" : tone);
}

function put(title, why) {
  $("said").querySelector("b").textContent = title;
  $("said").querySelector("p").textContent = why;
}

// The box is closed over what was verified. Sent again it is the same box: the key says so.
async function close() {
  const body = new URLSearchParams({ _key: box.key, weight: String(weight()), service: $("service")?.value ?? "" });
  const counts = {};
  for (const event of box.events) counts[event.item] = (counts[event.item] ?? 0) + event.units;
  for (const [item, units] of Object.entries(counts)) body.append("unit", `${item}~${units}`);
  await send(`/pack/${given.list.id}/close`, body);
}

const weight = () => Number($("weight")?.value.replace(/\D/g, "") || suggestedWeight());

function suggestedWeight() {
  const tare = Number(document.querySelector("[name=kind]:checked")?.dataset.tare ?? 0);
  return Number($("weight")?.dataset.goods ?? 0) + tare;
}

async function send(url, body) {
  isClosing = true;
  $("label-body").setAttribute("aria-busy", "true");
  let answer = null;
  try {
    answer = await fetchSignedIn(url, { method: "POST", body, headers: { "HX-Request-Type": "partial", "HX-Target": "div#label-body" } });
  } catch { /* no network: said below */ }
  isClosing = false;
  $("label-body").removeAttribute("aria-busy");
  if (!answer || answer.status >= 500 || answer.status === 429) return say("wrong", words.away, words.awayWhy);
  const told = await answer.text();
  if (answer.headers.get("HX-Retarget")) return refused(told);
  isClosed = true;
  sessionStorage.removeItem(KEY);
  $("label-body").innerHTML = told;
  const printed = $("label-body").querySelector("[data-printed]")?.dataset.printed;
  if (printed) {
    say("all", $("prints").checked ? words.printed : words.bought, words.printedWhy);
    if ($("prints").checked) print(printed);
    field.placeholder = words.printedWhy;
    field.focus();
  } else {
    say("warn", words.refused, words.refusedWhy);
    $("label-body").querySelector("button")?.focus();
  }
}

// The packing itself was refused: somebody was faster, or took units out again.
function refused(told) {
  const page = new DOMParser().parseFromString(told, "text/html");
  const [title, ...more] = [...page.querySelectorAll("b, p")].map((each) => each.textContent.trim()).filter(Boolean);
  say("wrong", words.notPacked, [title, ...more].join(" "));
}

// Printed from a frame that nobody sees; with a browser that prints without asking, nobody is asked.
function print(url) {
  const frame = $("print");
  frame.onload = () => { try { frame.contentWindow.print(); } catch { /* the buttons beside still open it */ } };
  frame.src = url;
}

document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-label]");
  if (!form) return;
  event.preventDefault();
  const body = new URLSearchParams(new FormData(form));
  if (event.submitter?.name) body.set(event.submitter.name, event.submitter.value);
  body.set("_key", uuid());
  send(form.getAttribute("action"), body);
});

document.addEventListener("click", (event) => {
  const again = event.target.closest("[data-print]");
  if (again) print(again.dataset.print);
  if (event.target.closest("#part") && box.events.length) close();
});

// Keys at the bench.
const isFree = (target) => target === field ? !field.value : !target.closest?.("input, select, textarea, dialog");
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.key === "Escape") {
    if (document.body.dataset.tone === "wrong" && !isClosed) {
      delete document.body.dataset.tone;
      put("", "");
    } else location.assign("/pack"); // parked: what was verified is kept
    return;
  }
  if (event.key === "Enter" && event.target === field && !field.value && !isClosed && stops.length && stops.every((stop) => !left(stop)) && !given.toPick) return void close();
  if (!isFree(event.target) || !/^[1-4pP]$/.test(event.key)) return;
  const before = field.value;
  const began = event.timeStamp;
  let more = 0;
  const heard = (next) => { if (next.timeStamp > began) more += 1; };
  document.addEventListener("keydown", heard, true);
  setTimeout(() => {
    document.removeEventListener("keydown", heard, true);
    if (more) return;
    field.value = before;
    if (/[1-4]/.test(event.key)) choose(Number(event.key) - 1);
    else document.querySelector("[data-print]")?.click();
  }, KEY_WAIT_MS);
});

function choose(at) {
  const chosen = document.querySelector(`[name=kind][value="${at}"]`);
  if (!chosen) return;
  chosen.checked = true;
  chosen.dispatchEvent(new Event("change", { bubbles: true }));
}

$("box")?.addEventListener("submit", (event) => event.preventDefault());
$("box")?.addEventListener("change", (event) => {
  if (event.target.name === "kind") { box.kind = event.target.value; keep(); }
  if (event.target !== $("service")) offers();
});

// What carriers would do with this box, asked beside the work: nobody waits for it.
async function offers() {
  if (!$("service")) return;
  $("weight").placeholder = String(suggestedWeight());
  try {
    const answer = await fetch(`/pack/${given.list.id}/offers?weight=${weight()}`, { headers: { "HX-Request-Type": "partial" } });
    if (!answer.ok) return;
    const chosen = $("service").value;
    $("service").innerHTML = await answer.text();
    if ([...$("service").options].some((option) => option.value === chosen)) $("service").value = chosen;
  } catch { /* what suits best is chosen without it */ }
}

// A bench without a printer prints nothing by itself; this device remembers.
const PRINTS = "floor.prints";
$("prints").checked = localStorage.getItem(PRINTS) !== "off";
$("prints").addEventListener("change", () => localStorage.setItem(PRINTS, $("prints").checked ? "on" : "off"));

listen(field, scanned);
if (box.kind !== null && $("box")) choose(Number(box.kind));
else offers();
render();
const scannedFirst = new URLSearchParams(location.search).get("scanned");
if (scannedFirst) {
  history.replaceState(null, "", location.pathname);
  if (!box.events.length) scanned(scannedFirst);
}
field.focus();
