// The device in the hand: codes typed by a scanner wherever the focus is, sounds, touch, a screen
// that stays awake. Nothing here knows what a code means.
const KEYS_MIN = 4;
const GAP_MS = 120; // between two keys of a burst: a busy device delivers some late
const WHOLE_MS = 1500; // what is in the field longer than this was not part of the scan
const MEAN_MS = 45; // of a whole burst; nobody types that fast

// Calls onCode(text) for a burst of keys that ends in Enter or Tab, and for what was typed into
// `field` and entered. The burst is kept apart: nothing is focused and nothing cleared in its middle.
export function listen(field, onCode) {
  let keys = "";
  let began = 0;
  let last = 0;
  let at = null;
  let before = "";
  let first = 0; // when the field got its first key: a busy device may tear a burst in two
  document.addEventListener("keydown", (event) => {
    const now = event.timeStamp;
    if (event.key === "Enter" || event.key === "Tab") {
      const isBurst = keys.length >= KEYS_MIN && now - last < GAP_MS && (last - began) / (keys.length - 1) < MEAN_MS;
      const isWhole = at === field && now - first < WHOLE_MS && field.value.endsWith(keys);
      const code = isBurst ? (isWhole ? field.value : keys) : "";
      keys = "";
      if (code) {
        event.preventDefault();
        event.stopImmediatePropagation();
        if (at === field) field.value = "";
        else if (at) at.value = before;
        onCode(code);
      } else if (event.key === "Enter" && event.target === field && field.value.trim()) {
        event.preventDefault();
        const typed = field.value;
        field.value = "";
        onCode(typed);
      }
      return;
    }
    const key = event.ctrlKey && event.key === "]" ? "\u001d" : event.key;
    if (key.length !== 1 || (event.ctrlKey && key !== "\u001d") || event.metaKey || event.altKey) return;
    if (!keys || now - last > GAP_MS) {
      keys = "";
      began = now;
      at = document.activeElement instanceof HTMLInputElement ? document.activeElement : null;
      before = at?.value ?? "";
    }
    if (document.activeElement === field && !field.value) first = now;
    keys += key;
    last = now;
    if (key === "\u001d") event.preventDefault();
  }, true);
}

// Sounds: [frequency in Hz, length in ms, shape, start in ms]. A browser plays none before a touch.
const SOUNDS = {
  right: [[1320, 80, "sine", 0]],
  stop: [[1046, 80, "sine", 0], [1568, 120, "sine", 90]],
  all: [[1046, 120, "sine", 0], [1318, 120, "sine", 110], [1568, 260, "sine", 220]],
  wrong: [[196, 480, "square", 0], [147, 480, "square", 0]],
};
const TOUCH = { right: 40, stop: [40, 40, 40], all: [60, 40, 60, 40, 120], wrong: [180, 80, 180] };
let context = null;

export function isSoundOn() {
  try { return localStorage.getItem("floor.sound") !== "off"; } catch { return true; }
}

export function setSound(isOn) {
  try { localStorage.setItem("floor.sound", isOn ? "on" : "off"); } catch { /* forgotten, and that is all */ }
}

export function unlock() {
  try {
    context ??= new AudioContext();
    context.resume();
  } catch { /* a device without sound still shows and shakes */ }
  stayAwake();
}

export function signal(name) {
  if (navigator.userActivation?.hasBeenActive) navigator.vibrate?.(TOUCH[name]);
  if (!context || !isSoundOn()) return;
  for (const [hertz, ms, shape, start] of SOUNDS[name]) {
    const tone = context.createOscillator();
    const volume = context.createGain();
    const from = context.currentTime + start / 1000;
    tone.type = shape;
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0.22, from);
    volume.gain.exponentialRampToValueAtTime(0.001, from + ms / 1000);
    tone.connect(volume).connect(context.destination);
    tone.start(from);
    tone.stop(from + ms / 1000);
  }
}

let isAwake = false;
async function stayAwake() {
  isAwake = true;
  try { await navigator.wakeLock?.request("screen"); } catch { /* a low battery may say no */ }
}
document.addEventListener("visibilitychange", () => { if (!document.hidden && isAwake) stayAwake(); });

// Dialogs, and light or dark, as on all pages.
document.addEventListener("click", (event) => {
  const at = (selector) => event.target.closest(selector);
  const opener = at("[data-open]");
  if (opener) document.getElementById(opener.dataset.open)?.showModal();
  if (at("[data-close]")) at("[data-close]").closest("dialog")?.close();
  if (event.target instanceof HTMLDialogElement && !event.target.hasAttribute("data-stays")) event.target.close();
});

export const filled = (words, facts) => words.replace(/\{(\w+)\}/g, (whole, name) => facts[name] ?? whole);

export const uuid = () => crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
