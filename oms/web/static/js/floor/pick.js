// The pick screen: one walk over the shelves. What is scanned is judged here and shown at once; the
// server hears of it when there is a connection, and what it says is then what is true.
import { currentOf, isGood, judge, left, normal, stopsOf } from "./judge.js";
import { Queue, load, save } from "./queue.js";
import { filled, isSoundOn, listen, setSound, signal, unlock, uuid } from "./scanner.js";

const $ = (id) => document.getElementById(id);
const given = JSON.parse($("floor").textContent);
const words = JSON.parse($("words").textContent);
const WALK = `floor.walk.${given.user}`;
const field = $("code");
const number = new Intl.NumberFormat(document.documentElement.lang);

let walk = load(WALK, null);
let stops = [];
let times = 1;
let last = null;
let known = load("floor.known", {});
let missing = null;

const queue = new Queue(given.user, {
  walk: () => walk?.ids ?? [],
  truth: learn,
  connection: showConnection,
  refused: (status) => say("wrong", words.notTaken, filled(words.notTakenWhy, { status })),
});

// Choosing what to walk: so many totes as the cart holds.
const isGoingOn = Boolean(walk?.isRunning && walk.node === given.node);
const cart = () => Number(document.querySelector("[name=cart]:checked")?.value ?? 0);
const chosen = () => given.lists.slice(0, cart() || given.lists.length);

function begin() {
  const lists = chosen();
  walk = {
    node: given.node, ids: lists.map((list) => list.id), lists, at: given.at, skipped: [],
    started: Date.now(), picked: 0, shorts: 0, undo: [], serials: [], isRunning: true,
  };
  keep();
}

const keep = () => save(WALK, walk);

function start() {
  unlock();
  if (!isGoingOn || !walk?.isRunning) begin();
  $("start").close();
  render();
  field.focus({ preventScroll: true });
  queue.flush(true);
  hear();
}

// What the server says. Events it has not heard of are still counted on top.
function learn(truth, refused) {
  if (!walk) return;
  walk.lists = truth.lists;
  walk.at = truth.at;
  keep();
  render();
  for (const each of refused) {
    const stop = given.lists.concat(walk.lists).find((list) => list.id === each.event?.fulfilment)?.stops.find((one) => one.item === each.event.item);
    const who = truth.others[each.event?.fulfilment];
    const facts = { who, item: stop?.name ?? each.event?.code ?? "", sku: stop?.sku ?? "", tote: toteOf(each.event?.fulfilment) };
    walk.undo = walk.undo.filter((event) => event.id !== each.id);
    if (who) say("warn", filled(words.otherPicked, facts), filled(words.otherPickedWhy, facts));
    else say("wrong", filled(words.notCounted, facts), [each.sentence, each.remedy].join(" "));
  }
}

const toteOf = (id) => walk.lists.find((list) => list.id === id)?.number ?? "";

// A scan.
function scanned(raw) {
  if (!walk?.isRunning || $("start").open) return;
  for (const dialog of document.querySelectorAll("dialog[open]:not(#session)")) dialog.close();
  const now = Date.now();
  const found = judge({ stops, times, last, serials: walk.serials, today: given.today, known }, raw, now);
  last = { raw: found.raw, at: now };
  if (found.verdict === "bounce") return;
  if (isGood(found.verdict)) return count(found);
  missing = null;
  const needs = found.needs;
  const facts = {
    code: found.raw, item: found.item?.name ?? "", sku: found.item?.sku ?? "", left: number.format(found.stop ? left(found.stop) : 0),
    n: number.format(found.units), needs: needs?.name ?? "", needsSku: needs?.sku ?? "", wanted: number.format(found.stop?.wanted ?? 0),
  };
  if (found.verdict === "unknown") lookUp(found, facts);
  const how = found.verdict === "over" && found.units > 1 && left(found.stop) ? "overMany" : found.verdict;
  say("wrong", words[how], filled(words[`${how}Why`], facts));
  times = 1;
  render();
}

function count(found) {
  const { stop, units, said, stored } = found;
  const before = currentOf(stops);
  const event = {
    id: uuid(), kind: stored ? "scan" : "pick", fulfilment: stop.fulfilment, item: stop.item, code: stored,
    count: stored ? Math.max(1, units / (stop.codes.find((each) => each.code === stored)?.units ?? 1)) : units, units, at: Date.now(),
  };
  walk.undo.push(event);
  walk.picked += units;
  if (said.serial) walk.serials.push(`${found.code}/${said.serial}`);
  keep();
  times = 1;
  queue.add(event);
  render();
  const rest = stop.wanted - stop.done - units;
  const facts = { sku: stop.sku, item: stop.name, tote: stop.tote, rest: number.format(rest), n: number.format(units) };
  const title = found.verdict === "right" ? words.right : found.verdict === "stop" ? words.stop : words.all;
  const more = found.isElsewhere && before ? words.elsewhere : found.verdict === "right" ? words.more : words.into;
  say(found.verdict, filled(title, facts), filled(more, { ...facts, needs: before?.sku ?? "" }));
}

// A code that is on no list here: another item, or none at all. The server knows, if it can be asked.
async function lookUp(found, facts) {
  missing = found.code;
  try {
    const answer = await fetch(`/pick/item?code=${encodeURIComponent(found.said.code)}`, { headers: { "HX-Request-Type": "partial" } });
    if (!answer.ok) return;
    const item = await answer.json();
    known = { ...known, [normal(found.said.code)]: item };
    save("floor.known", known);
    if (missing === found.code && document.body.dataset.tone === "wrong") {
      put(words.wrong, filled(words.wrongWhy, { ...facts, item: item.name, sku: item.sku }));
    }
  } catch { /* quoted as it stands */ }
}

// What is said: colour, words, sound and touch together. What is wrong stays until the next good scan.
function say(verdict, title, why) {
  const tone = isGood(verdict) ? "right" : verdict;
  document.body.dataset.tone = tone;
  document.body.classList.remove("wash");
  if (tone === "right") {
    void document.body.offsetWidth; // begins the wash anew
    document.body.classList.add("wash");
  }
  put(title, why);
  signal(tone === "right" ? verdict : "wrong");
}

function put(title, why) {
  $("said").querySelector("b").textContent = title;
  $("said").querySelector("p").textContent = why;
}

function hush() {
  delete document.body.dataset.tone;
  put("", "");
}

// The picture of it all.
function render() {
  if (!walk?.isRunning) return;
  const pending = queue.events.filter((event) => walk.ids.includes(event.fulfilment));
  stops = stopsOf(walk.lists, pending, walk.skipped);
  const all = stops.reduce((sum, stop) => sum + stop.wanted, 0);
  const done = stops.reduce((sum, stop) => sum + Math.min(stop.done, stop.wanted), 0);
  const now = currentOf(stops);
  $("progress").innerHTML = "";
  $("progress").append(strong(`${number.format(done)} ${words.of} ${number.format(all)}`), ` ${words.units}`);
  $("bar").max = all || 1;
  $("bar").value = all ? done : 1;
  showConnection(queue.isAway);
  document.body.classList.toggle("finished", !now);
  $("walk").hidden = !now;
  $("finished").hidden = Boolean(now);
  $("acts").hidden = !now;
  if (!now) return finish(done, all);
  $("place").textContent = now.place || now.sku;
  $("place").style.setProperty("--letters", Math.max(5, (now.place || now.sku).length));
  $("go").textContent = now.place ? words.goTo : words.take;
  $("done").textContent = number.format(now.done);
  $("wanted").textContent = `${words.of} ${number.format(now.wanted)}`;
  $("tote").textContent = now.tote;
  const [name, variant] = parted(now.name);
  $("initials").textContent = now.sku.replace(/[^A-Za-z]/g, "").slice(0, 2).toUpperCase() || "··";
  $("name").textContent = name;
  $("variant").textContent = variant;
  $("variant").hidden = !variant;
  $("sku").textContent = now.sku;
  $("times").hidden = times === 1;
  $("times").textContent = `× ${number.format(times)}`;
  const next = stops.filter((stop) => left(stop) && stop !== now);
  $("next").replaceChildren(...next.slice(0, 4).map(row));
  $("then").hidden = !next.length;
  $("undo").disabled = !walk.undo.length;
}

const strong = (text) => Object.assign(document.createElement("b"), { textContent: text });

function row(stop) {
  const item = document.createElement("li");
  for (const [name, text] of [["b", stop.place || stop.sku], ["span", stop.name], ["small", `× ${number.format(left(stop))}`]]) {
    item.append(Object.assign(document.createElement(name), { textContent: text }));
  }
  return item;
}

// "Kaos katun, putih, M": what tells one variant from the next stands by itself.
function parted(name) {
  const at = name.lastIndexOf(", ");
  return at > 0 && name.length - at < 26 ? [name.slice(0, at), name.slice(at + 2)] : [name, ""];
}

function finish(done, all) {
  if (walk.isDone) return;
  const minutes = Math.max(1, Math.round((Date.now() - walk.started) / 60000));
  const facts = { done: number.format(done), all: number.format(all + walk.shorts), shorts: number.format(walk.shorts), minutes: number.format(minutes) };
  $("told").textContent = filled(walk.shorts ? words.finishedShort : words.finishedWhole, facts);
  $("finished").querySelector("a").focus({ preventScroll: true });
}

function showConnection(isAway) {
  const kept = queue.events.length;
  const isOff = isAway || !navigator.onLine;
  $("net").className = `net ${isOff ? "warn" : ""}`;
  $("net").querySelector("span").textContent = isOff ? filled(words.offline, { n: number.format(kept) }) : kept ? words.sending : words.saved;
  $("offline").hidden = !isOff;
}

// What the buttons do.
$("undo").addEventListener("click", () => {
  const event = walk.undo.pop();
  if (!event) return;
  walk.picked -= event.units;
  walk.serials = [];
  keep();
  queue.add({ ...event, id: uuid(), kind: "unpick", count: event.units, at: Date.now() });
  render();
  const stop = stops.find((each) => each.fulfilment === event.fulfilment && each.item === event.item);
  hush();
  put(words.undone, filled(words.undoneWhy, { n: number.format(event.units), item: stop?.name ?? "" }));
  field.focus({ preventScroll: true });
});

$("skip").addEventListener("click", () => {
  const now = currentOf(stops);
  walk.skipped = walk.skipped.filter((key) => key !== now.key).concat(now.key);
  keep();
  hush();
  render();
  field.focus({ preventScroll: true });
});

$("short").addEventListener("click", (event) => {
  const reason = event.target.closest("[data-reason]")?.dataset.reason;
  const now = currentOf(stops);
  if (!reason || !now) return;
  const units = left(now);
  walk.shorts += units;
  walk.skipped = walk.skipped.filter((key) => key !== now.key);
  keep();
  $("short").close();
  queue.add({ id: uuid(), kind: "short", fulfilment: now.fulfilment, item: now.item, code: "", count: units, units, reason, at: Date.now() });
  hush();
  render();
  put(filled(words.shortTold, { n: number.format(units), item: now.name }), words.shortWhy);
  field.focus({ preventScroll: true });
});

$("many").addEventListener("click", (event) => {
  const digit = event.target.closest("[data-digit]")?.dataset.digit;
  if (!digit) return;
  const shown = $("count");
  shown.value = digit === "back" ? shown.value.slice(0, -1) : (shown.value + digit).slice(0, 4);
});
$("many").querySelector("form").addEventListener("submit", (event) => {
  event.preventDefault();
  const most = left(currentOf(stops));
  const wanted = Number($("count").value);
  $("many-words").textContent = wanted > most ? filled(words.tooMany, { n: number.format(most) }) : "";
  if (!(wanted >= 1 && wanted <= most)) return;
  times = wanted;
  $("many").close();
  hush();
  render();
  put(filled(words.scanOne, { n: number.format(times) }), "");
  field.focus({ preventScroll: true });
});
$("quantity").addEventListener("click", () => {
  $("count").value = "";
  $("many-words").textContent = "";
  $("many").showModal();
});

$("type").addEventListener("click", () => {
  field.inputMode = field.inputMode === "none" ? "text" : "none";
  $("type").setAttribute("aria-pressed", field.inputMode === "text");
  field.blur();
  field.focus();
});

function showSound() {
  $("sound").setAttribute("aria-pressed", isSoundOn());
  $("sound").querySelector("use").setAttribute("href", $("sound").dataset[isSoundOn() ? "on" : "off"]);
}
$("sound").addEventListener("click", () => { setSound(!isSoundOn()); showSound(); if (isSoundOn()) signal("right"); });

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !document.querySelector("dialog[open]") && document.body.dataset.tone) {
    times = 1;
    hush();
    render();
  }
});
$("start").addEventListener("cancel", (event) => event.preventDefault()); // there is nothing behind it yet
$("again").addEventListener("click", () => { walk.isRunning = false; keep(); location.assign("/pick"); });
$("bench").addEventListener("click", () => { walk.isRunning = false; keep(); });
// News of these orders, while somebody looks: another picker's scans show without a scan of one's own.
let news = null;
function hear() {
  if (document.hidden || !walk?.isRunning) {
    news?.close();
    news = null;
  } else if (!news) {
    news = new EventSource("/live");
    news.addEventListener("changed", (event) => {
      const orders = new Set(walk.lists.map((list) => list.order_id));
      if (!queue.sending && JSON.parse(event.data).some((each) => orders.has(each.entity))) queue.flush(true);
    });
  }
}
document.addEventListener("visibilitychange", hear);
addEventListener("pagehide", () => news?.close());

// The start sheet.
function showStart() {
  const lists = isGoingOn ? walk.lists : chosen();
  const here = stopsOf(lists, isGoingOn ? queue.events : [], []).filter((stop) => left(stop));
  const facts = { stops: number.format(here.length), units: number.format(here.reduce((sum, stop) => sum + left(stop), 0)), totes: number.format(lists.filter((list) => list.open).length) };
  $("summary").textContent = filled(words.summary, facts);
  $("begin").textContent = isGoingOn ? words.goOn : words.start;
  $("carts").hidden = isGoingOn;
  $("afresh").hidden = !isGoingOn;
}

listen(field, scanned);
showSound();
if ($("begin")) {
  const remembered = document.querySelector(`[name=cart][value="${load("floor.cart", 8)}"]`);
  if (remembered) remembered.checked = true;
  $("insecure").hidden = isSecureContext;
  const strangers = Queue.strangers(given.user);
  $("strangers").hidden = !strangers;
  $("strangers").querySelector("p").textContent = filled(words.strangers, { n: number.format(strangers) });
  showStart();
  $("carts").addEventListener("change", () => { save("floor.cart", cart()); showStart(); });
  $("begin").addEventListener("click", start);
  $("afresh").addEventListener("click", () => { walk.isRunning = false; keep(); location.reload(); });
  if (isGoingOn || given.lists.length) {
    if (isGoingOn) render();
    $("start").showModal();
    $("begin").focus();
  }
  if (queue.events.length) queue.flush();
}

if (isSecureContext && "serviceWorker" in navigator) {
  const files = () => performance.getEntriesByType("resource").map((each) => each.name).filter((url) => url.includes("/static/"));
  navigator.serviceWorker.register($("floor").dataset.worker, { scope: "/pick" }).then(() => navigator.serviceWorker.ready)
    .then((there) => there.active.postMessage({ keep: ["/pick", ...files()] }))
    .catch(() => { $("insecure").hidden = false; });
} else $("insecure")?.removeAttribute("hidden");
