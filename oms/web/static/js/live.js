// News from the server: which things changed, never what they are; the page asks again for that.
// One stream for a page that is looked at, none for the others.
const sign = document.getElementById("live");
let stream = null;

function open() {
  if (stream || !sign) return;
  stream = new EventSource("/live");
  stream.onopen = () => show(true);
  stream.onerror = () => show(false);
  stream.addEventListener("changed", (event) => {
    document.dispatchEvent(new CustomEvent("oms:changed", { detail: JSON.parse(event.data) }));
  });
  stream.addEventListener("counts", (event) => counts(JSON.parse(event.data)));
}

function close() {
  stream?.close();
  stream = null;
}

function show(isLive) {
  sign.classList.toggle("away", !isLive);
  sign.lastElementChild.textContent = isLive ? sign.dataset.live : sign.dataset.away;
}

function counts(byUrl) {
  for (const place of document.querySelectorAll("[data-count]")) {
    const told = byUrl[place.dataset.count];
    place.hidden = !told;
    place.textContent = told ?? "";
    place.classList.toggle("bad", place.dataset.count === "/orders");
  }
}

document.addEventListener("visibilitychange", () => (document.hidden ? close() : open()));
addEventListener("pagehide", close);
if (!document.hidden) open();

// "3 new orders": rows never move under the pointer; the list is read again when one asks for it.
let news = new Set();
document.addEventListener("oms:changed", (event) => {
  const pill = document.getElementById("news");
  if (!pill) return;
  for (const { type, entity } of event.detail) if (pill.dataset.types.split(" ").includes(type)) news.add(entity);
  pill.hidden = !news.size;
  const words = news.size === 1 ? pill.dataset.one : pill.dataset.many;
  pill.querySelector("span").textContent = words.replace("{n}", news.size);
});
document.addEventListener("htmx:after:swap", () => {
  const pill = document.getElementById("news");
  if (pill && pill.hidden) news = new Set();
});
document.addEventListener("click", (event) => {
  const pill = event.target.closest("#news");
  if (pill) { news = new Set(); pill.hidden = true; }
});

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
