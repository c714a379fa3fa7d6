// What happened on this device and was not heard by the server yet. It survives reloads, and each
// person has a queue of their own: nobody's scans are sent in somebody else's name.
import { fetchSignedIn } from "../answers.js";

const AT_ONCE = 50;
const AGAIN_MS = 3000;
const PREFIX = "floor.queue.";

export class Queue {
  constructor(user, hooks) {
    Object.assign(this, { key: PREFIX + user, hooks, sending: false, isAway: false, timer: 0 });
    this.events = load(this.key, []);
    addEventListener("online", () => this.flush());
    addEventListener("offline", () => this.away(true));
  }

  add(event) {
    this.events.push(event);
    save(this.key, this.events);
    this.flush();
  }

  // Others who left scans on this device.
  static strangers(user) {
    let count = 0;
    for (let at = 0; at < localStorage.length; at += 1) {
      const key = localStorage.key(at);
      if (key.startsWith(PREFIX) && key !== PREFIX + user) count += load(key, []).length;
    }
    return count;
  }

  // Sends what there is, oldest first. The same event again does no harm: it carries its own name.
  async flush(mustAsk = false) {
    if (this.sending || (!this.events.length && !mustAsk)) return;
    this.sending = true;
    clearTimeout(this.timer);
    const batch = this.events.slice(0, AT_ONCE);
    let answer = null;
    try {
      answer = await fetchSignedIn("/pick/events", {
        method: "POST",
        headers: { "Content-Type": "application/json", "HX-Request-Type": "partial" },
        body: JSON.stringify({ events: batch.map(sent), walk: this.hooks.walk() }),
      });
    } catch { /* no network: said below */ }
    this.sending = false;
    if (!answer || answer.status >= 500 || answer.status === 429) {
      this.away(true);
      this.timer = setTimeout(() => this.flush(mustAsk), AGAIN_MS);
      return;
    }
    this.away(false);
    if (!answer.ok) return this.hooks.refused(answer.status);
    const truth = await answer.json();
    const heard = new Set(truth.told.map((each) => each.id));
    const refused = truth.told.filter((each) => each.code).map((each) => ({ ...each, event: batch.find((event) => event.id === each.id) }));
    this.events = this.events.filter((event) => !heard.has(event.id));
    save(this.key, this.events);
    this.hooks.truth(truth, refused);
    if (this.events.length) this.flush();
  }

  away(isAway) {
    this.isAway = isAway;
    this.hooks.connection(isAway);
  }
}

const sent = ({ id, kind, fulfilment, item, code, count, reason, at }) => ({ id, kind, fulfilment, item, code, count, reason, at });

export function load(key, otherwise) {
  try { return JSON.parse(localStorage.getItem(key)) ?? otherwise; } catch { return otherwise; }
}

export function save(key, value) {
  try { localStorage.setItem(key, JSON.stringify(value)); } catch { /* full: what is sent is not lost */ }
}
