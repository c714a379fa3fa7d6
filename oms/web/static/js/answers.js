// What comes from the server and is not a page: messages, the wish to sign in again, and news.
// One file, because a page's first visit is counted in requests.

// Messages: what went well leaves by itself unless it is looked at; what did not stays.
const place = document.getElementById("toasts");
const LEAVES_AFTER_MS = 6000;

export function toast(node) {
  place.append(node);
}

new MutationObserver((changes) => {
  for (const node of changes.flatMap((change) => [...change.addedNodes])) {
    if (node instanceof HTMLElement && node.matches(".toast:not(.bad):not(.warn)")) leave(node);
  }
}).observe(place, { childList: true });

function leave(node) {
  let timer = setTimeout(() => node.remove(), LEAVES_AFTER_MS);
  const stay = () => clearTimeout(timer);
  const go = () => { timer = setTimeout(() => node.remove(), LEAVES_AFTER_MS); };
  node.addEventListener("pointerenter", stay);
  node.addEventListener("focusin", stay);
  node.addEventListener("pointerleave", go);
  node.addEventListener("focusout", go);
}

place.addEventListener("click", (event) => event.target.closest("[data-dismiss]")?.closest(".toast").remove());

// An act within a message, such as Undo, ends the message.
document.addEventListener("htmx:after:request", (event) => {
  event.detail.ctx.sourceElement.closest(".toast")?.remove();
});

document.addEventListener("htmx:error", (event) => {
  if (!event.detail?.ctx) return;
  const template = document.getElementById("toast-offline");
  if (template) toast(template.content.firstElementChild.cloneNode(true));
});

// A session that ended is renewed in place: the request waits for the sign-in and is then repeated.
const sessionDialog = document.getElementById("session");
const sessionForm = document.getElementById("session-form");
let signingIn = null;

export async function fetchSignedIn(url, options) {
  const answer = await fetch(url, options);
  if (answer.status !== 401 || !sessionDialog) return answer;
  await (signingIn ??= signInAgain().finally(() => { signingIn = null; }));
  return fetch(url, { ...options, signal: undefined }); // the first one's time has run out meanwhile
}

function signInAgain() {
  return new Promise((resolve) => {
    sessionDialog.showModal();
    sessionForm.onsubmit = async (event) => {
      event.preventDefault();
      const answer = await fetch("/sign-in", {
        method: "POST",
        body: new URLSearchParams(new FormData(sessionForm)),
        headers: { "HX-Request-Type": "partial", "HX-Sign-In": "in-place" },
      });
      if (answer.status === 204) {
          sessionForm.reset();
        sessionDialog.close();
        resolve();
      } else {
        document.getElementById("session-answer").innerHTML = await answer.text();
        sessionForm.elements.password.focus();
      }
    };
    sessionDialog.addEventListener("close", resolve, { once: true }); // who closes it gets the refusal
  });
}

document.addEventListener("htmx:before:request", (event) => {
  const { ctx } = event.detail;
  ctx.fetch = (url, options) => {
    clearTimeout(ctx.requestTimeout); // signing in takes as long as it takes; fetch has its own end
    return fetchSignedIn(url, options);
  };
});

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
