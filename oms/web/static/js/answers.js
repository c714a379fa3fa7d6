// What comes back from the server and is not a page: messages, and the wish to sign in again.

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
