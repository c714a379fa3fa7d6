// Whether what was scanned is right: pure functions of what is to be done and a code. They touch no
// page, no clock and no network, so that a scan is judged within the frame and without a connection.
export const BOUNCE_MS = 250;

const FIXED = { "00": 18, "01": 14, "02": 14, 11: 6, 12: 6, 13: 6, 15: 6, 16: 6, 17: 6, 20: 2 };
const VARIABLE = ["10", "21", "22", "30", "37", "240", "241"];
const SEPARATOR = "\u001d";

// What a code says: { code } and, from a GS1 element string or digital link, serial, lot, expiry
// (YYMMDD) and count. What cannot be taken apart is a code as it stands.
export function read(raw) {
  const text = raw.trim().replace(/^\](?:C1|d2|Q3|e0|J1)/, "");
  const link = text.match(/^https?:\/\/[^\s]*\/01\/(\d{8,14})(?:\/|$|\?)/);
  if (link) {
    const part = (ai) => decodeURIComponent(text.match(new RegExp(`[/?&]${ai}[/=]([^/?&]+)`))?.[1] ?? "");
    return { code: link[1], serial: part("21"), lot: part("10"), expiry: part("17"), count: 1 };
  }
  const parts = text.startsWith("(") ? bracketed(text) : elements(text, raw.trim() !== text);
  if (!parts) return { code: text, serial: "", lot: "", expiry: "", count: 1 };
  return {
    code: parts["01"] ?? parts["02"] ?? parts["00"] ?? text,
    serial: parts["21"] ?? "", lot: parts["10"] ?? "", expiry: parts["17"] ?? "",
    count: Number(parts["30"] ?? parts["37"] ?? 1) || 1,
  };
}

function bracketed(text) {
  const found = [...text.matchAll(/\((\d{2,4})\)([^(]+)/g)];
  return found.length ? Object.fromEntries(found.map(([, ai, value]) => [ai, value.trim()])) : null;
}

function elements(text, isMarked) {
  const isOne = isMarked || text.includes(SEPARATOR) || /^(01\d{14}.|00\d{18}$)/.test(text);
  if (!isOne) return null;
  const parts = {};
  let rest = text;
  while (rest) {
    if (rest[0] === SEPARATOR) { rest = rest.slice(1); continue; }
    const ai = rest.slice(0, 2);
    if (FIXED[ai]) {
      parts[ai] = rest.slice(2, 2 + FIXED[ai]);
      if (parts[ai].length < FIXED[ai]) return null;
      rest = rest.slice(2 + FIXED[ai]);
      continue;
    }
    const name = VARIABLE.find((each) => rest.startsWith(each));
    if (!name) return Object.keys(parts).length ? parts : null;
    const end = rest.indexOf(SEPARATOR);
    parts[name] = rest.slice(name.length, end < 0 ? undefined : end);
    rest = end < 0 ? "" : rest.slice(end + 1);
  }
  return parts;
}

// A code as it is compared: GTINs of any length are one number, letters are written large.
export function normal(code) {
  const text = code.trim();
  return /^(\d{8}|\d{12,14})$/.test(text) ? text.padStart(14, "0") : text.toUpperCase();
}

// The stops of a walk: lists as the server knows them, with the events it has not heard of yet.
// Sorted by place, then SKU, then tote; what was skipped comes last, in that order.
export function stopsOf(lists, events = [], skipped = []) {
  const stops = lists.filter((list) => list.open).flatMap((list) => list.stops.map((stop) => ({
    ...stop, key: `${list.id}/${stop.item}`, fulfilment: list.id, tote: list.number, short: 0,
  })));
  const byKey = new Map(stops.map((stop) => [stop.key, stop]));
  for (const event of events) {
    const stop = byKey.get(`${event.fulfilment}/${event.item}`);
    if (!stop) continue;
    if (event.kind === "scan" || event.kind === "pick") stop.done += event.units;
    else if (event.kind === "unpick") stop.done -= event.units;
    else if (event.kind === "short") { stop.wanted -= event.units; stop.short += event.units; }
  }
  const late = (stop) => skipped.indexOf(stop.key);
  const name = (stop) => `${stop.place}\u0000${stop.sku}\u0000${stop.tote}`;
  return stops.sort((a, b) => late(a) - late(b) || (name(a) < name(b) ? -1 : 1));
}

export const left = (stop) => Math.max(0, stop.wanted - stop.done);
export const currentOf = (stops) => stops.find((stop) => left(stop) > 0) ?? null;

// state: { stops, times (units a scan stands for), last: { code, at }, serials, today (YYMMDD),
// known: { code: { sku, name } } }. Answers { verdict, code, stop, units, needs, item, isElsewhere }.
//   right    counted; more is needed there      wrong    another item: `item` and what `needs` it
//   stop     counted; that stop is complete     unknown  no item the device knows has this code
//   all      counted; nothing is left           over     more than is needed of it
//   bounce   the same scan again: to be ignored repeat   this very unit (its serial) was counted
//                                               expired  its last day is over
export function judge(state, raw, now) {
  const said = read(raw);
  const code = normal(said.code);
  const needs = currentOf(state.stops);
  const answer = { code, raw: raw.trim(), said, needs, stop: null, units: 0, item: null, isElsewhere: false };
  if (state.last && state.last.raw === answer.raw && now - state.last.at < BOUNCE_MS) return { ...answer, verdict: "bounce" };

  const behind = (stop) => stop.codes.find((each) => normal(each.code) === code);
  const isOf = (stop) => Boolean(behind(stop)) || stop.sku.toUpperCase() === code;
  const mine = state.stops.filter(isOf);
  if (!mine.length) {
    const item = state.known?.[code] ?? null;
    return { ...answer, item, verdict: item ? "wrong" : "unknown" };
  }
  const stop = (needs && mine.includes(needs) ? needs : mine.find((each) => left(each) > 0)) ?? mine.at(-1);
  const stored = behind(stop);
  const units = (stored?.units ?? 1) * (state.times || said.count || 1);
  const found = { ...answer, stop, item: stop, units, stored: stored?.code ?? "", isElsewhere: Boolean(needs) && stop !== needs };
  if (said.serial && state.serials?.includes(`${code}/${said.serial}`)) return { ...found, verdict: "repeat" };
  if (said.expiry && state.today && said.expiry < state.today) return { ...found, verdict: "expired" };
  if (units > left(stop)) return { ...found, verdict: "over" };
  const after = state.stops.reduce((sum, each) => sum + left(each), 0) - units;
  return { ...found, verdict: after === 0 ? "all" : left(stop) === units ? "stop" : "right" };
}

export const isGood = (verdict) => verdict === "right" || verdict === "stop" || verdict === "all";
