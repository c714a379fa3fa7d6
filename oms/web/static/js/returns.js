// The returns desk: scans are taken wherever the focus is, one key grades a piece, one finishes.
import { read } from "./app.js";

const BURST_MS = 45; // between two keys: nobody types that fast, every scanner does
const BURST_KEYS = 4;
const LOST_MS = 5000; // after that a change of the table is not waited for any more
const SINGLE_MS = 90; // a letter that is followed by another one is a scan, not a grade

const field = document.querySelector("[data-scan-field]");
const work = () => document.getElementById("work");
const judge = () => document.getElementById("judge");
const parts = () => [...(judge()?.querySelectorAll("[data-part]") ?? [])];
const here = () => parts().find((part) => part.classList.contains("here"));
const radios = (part) => [...part.querySelectorAll("input[type=radio]")];
const quantity = (part) => part.querySelector("input[name^=quantity]");
const isGraded = (part) => radios(part).some((radio) => radio.checked) || Number(quantity(part).value) === 0;
let asking = 0; // requests that will change the table

function stand(part) {
  for (const each of parts()) each.classList.toggle("here", each === part);
  part?.scrollIntoView({ block: "nearest" });
}

function settle() {
  const table = work();
  if (!judge() || !table) return;
  table.classList.add("keyed");
  const current = table.dataset.current;
  delete table.dataset.current;
  stand(parts()[current] ?? here() ?? parts().find((part) => !isGraded(part)) ?? parts()[0]);
}

// What a piece became stands beside it at once; money and effects follow from the server.
function show(part) {
  const sum = part.querySelector("[data-sum]");
  const checked = radios(part).find((radio) => radio.checked);
  const to = part.querySelector("select[name^=to]");
  sum.hidden = !checked;
  part.classList.toggle("graded", Boolean(checked));
  if (!checked) return;
  const chosen = to?.value ? to.selectedOptions[0].textContent : null;
  sum.textContent = chosen ? `${checked.value} · ${chosen}` : checked.dataset.sumText;
  sum.className = `pill ${chosen ? "neutral" : checked.dataset.sumTone}`;
}

function changed(part) {
  show(part);
  progress();
  keep();
  judge().dispatchEvent(new Event("regrade"));
}

function progress() {
  const place = judge()?.querySelector("[data-progress]");
  if (!place) return;
  const lying = parts().filter((part) => Number(quantity(part).value) > 0);
  place.textContent = place.dataset.progress.replace("{done}", lying.filter(isGraded).length).replace("{all}", lying.length);
}

function grade(key) {
  const part = here();
  const radio = part && radios(part).find((each) => each.value === key.toUpperCase());
  if (!radio) return false;
  if (asking) {
    waiting.push(key);
    return true;
  }
  radio.checked = true;
  changed(part);
  goOn(part);
  return true;
}

function goOn(part) {
  const all = parts();
  const after = [...all.slice(all.indexOf(part) + 1), ...all];
  const next = after.find((each) => !isGraded(each));
  if (next) stand(next);
}

const waiting = []; // grades pressed while the table is being changed
function answered() {
  asking = Math.max(0, asking - 1);
  while (!asking && waiting.length) grade(waiting.shift());
}

function finish(isSure) {
  const button = document.querySelector("#prospect [data-finish]");
  if (!button || button.disabled) return false;
  if (!isSure && !parts().every(isGraded)) return false;
  forget();
  judge().requestSubmit(button);
  return true;
}

// A scan: a piece that lies here is looked at; anything else the server knows.
function scanned(code) {
  const part = parts().find((each) => each.dataset.codes.split(" ").includes(code));
  const open = parts().find((each) => each.dataset.codes.split(" ").includes(code) && !isGraded(each));
  if (part) {
    stand(open ?? part);
    work().querySelector(".said")?.remove();
    return;
  }
  if (judge()) {
    draft({ code });
  } else {
    field.value = code;
    field.form.requestSubmit();
  }
}

function draft(more) {
  const form = judge();
  changing();
  const values = { ...Object.fromEntries(new FormData(form)), ...more };
  ask("POST", `/returns/${work().dataset.return}/draft`, "work", values);
}

function ask(method, url, id, values) {
  const headers = { "HX-Request-Type": "partial", "HX-Target": `#${id}` };
  window.htmx.ajax(method, url, { target: `#${id}`, swap: "outerHTML", headers, values });
}

field?.form.addEventListener("submit", (event) => {
  const code = field.value.trim();
  if (!code) {
    event.preventDefault();
    if (judge()) finish(false);
  } else if (judge() && !event.detail?.isGone) {
    event.preventDefault();
    field.value = "";
    scanned(code);
  }
});

// Letters in the empty field are grades, unless more follows at once: then it is a scan. Who clicks
// into the field, or presses / in it, writes by hand.
let isByHand = false;
field?.addEventListener("pointerdown", () => { isByHand = true; });
field?.addEventListener("blur", () => { isByHand = false; });
field?.form.addEventListener("submit", () => { isByHand = false; });
field?.addEventListener("input", () => {
  if (field.value === "/") {
    isByHand = true;
    field.value = "";
  }
  const typed = field.value;
  if (!judge() || isByHand || !areKeys(typed) || read("keys") === "off") return;
  setTimeout(() => {
    if (field.value !== typed) return;
    field.value = "";
    for (const each of typed) press(each);
  }, SINGLE_MS);
});

function areKeys(typed) {
  const keys = new Set([...(here() ? radios(here()) : [])].map((radio) => radio.value).concat("S", "N"));
  return typed.length > 0 && [...typed.toUpperCase()].every((each) => keys.has(each));
}

function press(key) {
  const part = here();
  switch (key.toLowerCase()) {
    case "s": part?.querySelector("[data-split]")?.click(); return Boolean(part);
    case "n": return note(part);
    default: return grade(key);
  }
}

function note(part) {
  const more = part?.querySelector("details");
  if (!more) return false;
  more.open = true;
  more.querySelector("textarea").focus();
  return true;
}

// Keys and scans with the focus anywhere but in a field of text.
let burst = "";
let lastAt = 0;
const isText = (target) => target instanceof Element && target.closest("textarea, select, [contenteditable], input:not([type=radio]):not([type=checkbox])");

document.addEventListener("keydown", (event) => {
  if ((event.ctrlKey || event.metaKey) && event.key === "Enter") {
    if (judge() && finish(true)) event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || document.querySelector("dialog[open]")) return;
  if (event.target === field) {
    if (event.key === "ArrowDown" || event.key === "ArrowUp") move(event);
    else if (event.key === "Escape") field.blur();
    return;
  }
  if (isText(event.target)) {
    if (event.key === "Escape") field?.focus();
    return;
  }
  const at = event.timeStamp;
  burst = at - lastAt < BURST_MS ? burst + (event.key.length === 1 ? event.key : "") : event.key.length === 1 ? event.key : "";
  lastAt = at;
  if (event.key === "Enter") {
    if (burst.length >= BURST_KEYS) {
      event.preventDefault();
      scanned(burst);
    } else if (judge() && event.target === document.body) finish(false);
    burst = "";
    return;
  }
  if (event.key.length !== 1 || read("keys") === "off") return;
  const typed = burst;
  const act = judge() ? press : step;
  if (typed.length === 1) setTimeout(() => { if (burst === typed) act(typed); }, SINGLE_MS);
});

// In a list J and K move the focus from link to link.
function step(typed) {
  const links = [...document.querySelectorAll("#main [data-list] a.main-link")];
  const by = { j: 1, k: -1 }[typed.toLowerCase()];
  if (!by || !links.length) return;
  const at = links.indexOf(document.activeElement);
  links[Math.min(links.length - 1, Math.max(0, at + by))].focus();
}

function move(event) {
  const all = parts();
  if (!all.length) return;
  event.preventDefault();
  const step = event.key === "ArrowDown" ? 1 : -1;
  stand(all[Math.min(all.length - 1, Math.max(0, all.indexOf(here()) + step))]);
}

document.addEventListener("click", (event) => {
  const part = event.target.closest?.("[data-part]");
  if (part && judge()) stand(part);
  if (event.target.closest?.("[data-split]")) changing();
});
document.addEventListener("focusin", (event) => {
  const part = event.target.closest?.("[data-part]");
  if (part && judge() && part !== here()) stand(part);
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-desk-node]")) {
    location.assign(`?node=${encodeURIComponent(event.target.value)}`);
    return;
  }
  const part = event.target.closest("[data-part]");
  if (part) {
    show(part);
    keep();
    progress();
    if (event.target === quantity(part) && isGraded(part)) goOn(part);
  }
  else if (event.target.form === judge() && judge()) changed(parts()[0]);
});

// What was graded survives a reload, as long as nobody worked on the return meanwhile.
const key = () => `return:${work()?.dataset.return}`;
function keep() {
  const form = judge();
  if (!form) return;
  const fields = Object.fromEntries([...new FormData(form)].filter(([name]) => !name.startsWith("_")));
  try { sessionStorage.setItem(key(), JSON.stringify({ mark: work().dataset.mark, fields })); } catch { /* forgotten, and that is all */ }
}
function forget() {
  try { sessionStorage.removeItem(key()); } catch { /* there was nothing */ }
}
function remembered() {
  try {
    const kept = JSON.parse(sessionStorage.getItem(key()) ?? "null");
    return kept?.mark === work()?.dataset.mark ? kept.fields : null;
  } catch { return null; }
}

document.addEventListener("htmx:after:swap", (event) => {
  const isTable = event.target?.id === "work" || event.detail?.ctx?.target?.id === "work";
  settle();
  if (isTable) {
    answered();
    keep();
    setTimeout(() => judge()?.dispatchEvent(new Event("regrade")));
    if (matchMedia("(pointer: fine)").matches) field?.focus();
  }
});
document.addEventListener("htmx:error", answered);

function changing() {
  asking += 1;
  setTimeout(() => { while (asking) answered(); }, LOST_MS);
}

// Credit and refund come a moment after finishing: the page reads itself again when it hears of them.
document.addEventListener("oms:changed", (event) => {
  const table = work();
  if (!table || judge()) return;
  const isOurs = event.detail.some(({ type, entity }) => entity === table.dataset.return || /^(credit_note|refund)\./.test(type));
  if (isOurs) readAgain();
});

function readAgain() {
  for (const target of ["settled", "happened"]) ask("GET", location.pathname, target);
}

// What was told while this page was still loading is not told again.
if (location.search.includes("done=1")) {
  for (const afterMs of [800, 2500, 6000]) {
    setTimeout(() => { if (!document.querySelector("#settled li")) readAgain(); }, afterMs);
  }
}

if (judge()) {
  settle();
  const kept = remembered();
  if (kept) draft({ ...kept });
}
if (field && matchMedia("(pointer: fine)").matches && !document.querySelector("[autofocus]")) {
  (document.querySelector("[data-candidate], #main [data-list] a.main-link") && !location.pathname.endsWith("/returns")
    ? document.querySelector("#main [data-list] a.main-link")
    : field).focus();
}
