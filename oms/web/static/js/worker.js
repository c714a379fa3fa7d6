// Keeps the pick screen at hand without a connection: the page as it was last seen, and the files of
// its build. Nothing else is kept, and nothing is answered from here while the server answers.
const CACHE = "floor-1";
const SCREEN = "/pick";

self.addEventListener("install", () => self.skipWaiting());
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()));

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== location.origin) return;
  if (request.mode === "navigate" && url.pathname === SCREEN) event.respondWith(fresh(request));
  else if (url.pathname.startsWith("/static/")) event.respondWith(kept(request));
});

async function fresh(request) {
  const cache = await caches.open(CACHE);
  try {
    const answer = await fetch(request);
    if (answer.ok) await cache.put(SCREEN, answer.clone());
    return answer;
  } catch (problem) {
    const last = await cache.match(SCREEN);
    if (last) return last;
    throw problem;
  }
}

// A file of a build never changes; those of former builds go when a new one is asked for.
async function kept(request) {
  const cache = await caches.open(CACHE);
  const known = await cache.match(request);
  if (known) return known;
  const answer = await fetch(request);
  if (answer.ok) await cache.put(request, answer.clone());
  return answer;
}

self.addEventListener("message", (event) => {
  if (event.data?.keep) event.waitUntil(keep(event.data.keep));
});

// The page tells what it was made of when it was loaded before this worker stood between.
async function keep(urls) {
  const cache = await caches.open(CACHE);
  const build = urls.find((url) => url.includes("/static/"))?.match(/\/static\/[^/]+\//)?.[0];
  for (const old of await cache.keys()) {
    if (build && old.url.includes("/static/") && !old.url.includes(build)) await cache.delete(old);
  }
  await Promise.all(urls.map(async (url) => {
    if (await cache.match(url)) return;
    const answer = await fetch(url, { cache: "force-cache" });
    if (answer.ok && !answer.redirected) await cache.put(url, answer);
  }));
}
