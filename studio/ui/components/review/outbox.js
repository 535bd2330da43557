// Decisions on their way to the server. Each is kept in the browser's storage, under a key of its own, until the server
// answered, and is sent with an idempotency key: a dropped connection, a reload or a server that restarts loses
// nothing, and nothing counts twice. What is pressed while a call is on its way goes together in the next one; decisions
// on one image go one after the other.

import { freshKey } from "../dom.js";

const AT_ONCE = 2; // calls, of the six connections that a browser opens to one server; pictures need the others
const IN_A_CALL = 20; // decisions, as the server takes
const LONGEST_WORDS = 8000; // characters of comments in a call: browsers let 64 kB outlive a page
const PATIENCE_MS = [400, 800, 1500, 3000];
const BUSY = new Set([408, 425, 429, 502, 503, 504]);

export class Outbox {
  constructor(user, url) {
    this.url = url;
    this.user = user;
    this.slot = `ecomgan-decision-${user}-`;
    this.listeners = new Set();
    this.outcomes = new Map(); // image id -> {phase: pending|saved|refused|undone, action, state, revision, message}
    this.revisions = new Map(); // image id -> revision after our own last decision
    this.inFlight = new Set();
    this.failures = this.calls = 0;
    this.offline = this.signedOut = this.unsafe = false;
    this.waiting = this.read();
    for (const entry of this.waiting) for (const { asset_id } of entry.items) this.mark(asset_id, "pending", entry);
    window.addEventListener("online", () => this.flush());
    this.flush();
  }

  /** Entries that an earlier page left behind, in the order in which they were made. */
  read() {
    const slots = Object.keys(localStorage).filter((name) => name.startsWith(this.slot));
    return slots.sort().map((slot) => ({ ...JSON.parse(localStorage.getItem(slot)), slot }));
  }

  /** A decision on one image, or on several in one call (`bulk`). Returns its key. */
  add(action, items, more = {}) {
    const key = freshKey();
    const slot = `${this.slot}${String(Date.now()).padStart(14, "0")}-${String((this.made = (this.made ?? 0) + 1)).padStart(5, "0")}-${key}`;
    const entry = { action, items, idempotency_key: key, pressed: performance.now(), ...more };
    try {
      localStorage.setItem(slot, JSON.stringify({ ...entry, pressed: undefined }));
    } catch {
      this.unsafe = true; // the storage is full or closed: it is sent all the same, and told
    }
    for (const { asset_id } of items) this.mark(asset_id, "pending", entry, this.outcomes.get(asset_id));
    this.waiting.push({ ...entry, slot });
    this.tell();
    this.flush();
    return key;
  }

  /** Approve several images in one call, all of them or none. */
  addMany(items) {
    return this.add("approve", items.map((item) => ({ ...item, idempotency_key: freshKey() })), { bulk: true });
  }

  mark(id, phase, entry, before) {
    this.outcomes.set(id, { phase, action: entry.action, reason: entry.reason, before: before ?? null });
  }

  /** Take back an entry that has not left yet. Returns whether it could be. */
  recall(key) {
    const at = this.waiting.findIndex((entry) => entry.idempotency_key === key && !this.inFlight.has(entry) && !entry.tried);
    if (at < 0) return false;
    const [entry] = this.waiting.splice(at, 1);
    localStorage.removeItem(entry.slot);
    for (const { asset_id } of entry.items) this.outcomes.delete(asset_id);
    this.tell();
    return true;
  }

  tell(event) {
    for (const listener of this.listeners) listener(event);
  }

  /** Send what can be sent: nothing overtakes an earlier entry on the same image. */
  flush() {
    clearTimeout(this.timer);
    while (this.calls < AT_ONCE) {
      const together = this.ready();
      if (!together.length) return;
      this.dispatch(together);
    }
  }

  /** The entries of the next call: as many as fit; alone one of several images, or one that was in a call that failed. */
  ready() {
    const busy = new Set();
    const found = [];
    let words = 0;
    for (const entry of this.waiting) {
      const ids = entry.items.map((item) => item.asset_id);
      const free = !this.inFlight.has(entry) && !ids.some((id) => busy.has(id));
      for (const id of ids) busy.add(id);
      const single = entry.bulk || entry.single;
      if (!free || (single && found.length)) continue;
      words += entry.comment?.length ?? 0;
      if (found.length === IN_A_CALL || (found.length && words > LONGEST_WORDS)) break;
      found.push(entry);
      if (single) break;
    }
    return found;
  }

  async dispatch(together) {
    this.calls += 1;
    for (const entry of together) this.inFlight.add(entry);
    const answers = await this.send(together);
    this.calls -= 1;
    for (const entry of together) this.inFlight.delete(entry);
    if (answers === null) return this.waitAWhile();
    this.failures = 0;
    this.offline = this.signedOut = false;
    const settled = together.map((entry, at) => [entry, answers[at]]).filter(([, { status }]) => !BUSY.has(status));
    for (const [entry] of settled) {
      localStorage.removeItem(entry.slot);
      if (entry.pressed !== undefined) performance.measure("ecomgan:saved", { start: entry.pressed });
    }
    const gone = new Set(settled.map(([entry]) => entry));
    this.waiting = this.waiting.filter((entry) => !gone.has(entry));
    for (const [entry, answer] of settled) this.settle(entry, answer);
    if (gone.size < together.length) this.waitAWhile(); // the server was busy with some of them
    else this.flush();
  }

  /** The server's answer to each, or null when they have to wait: no connection, a busy server, or signed out. */
  async send(together) {
    for (const entry of together) entry.tried = true;
    const [entry] = together;
    const alone = together.length === 1;
    let response;
    try {
      response = await fetch(this.url + (alone ? this.path(entry) : "/several"), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(alone ? this.body(entry) : { items: together.map((one) => this.oneOfSeveral(one)) }),
        priority: "high",
        keepalive: entry.items.length < 100, // browsers let 64 kB outlive a page
      });
    } catch {
      this.offline = true;
      return null;
    }
    if (response.status === 401) {
      this.signedOut = true;
      return null;
    }
    if (BUSY.has(response.status)) {
      this.offline = true;
      return null;
    }
    const answer = await response.json().catch(() => ({}));
    if (!alone && !response.ok) {
      for (const one of together) one.single = true; // which of them it is about shows when each goes by itself
      return null;
    }
    if (!alone) return answer.answers.map((one) => ({ ok: one.status === 200, ...one }));
    return [{ ok: response.ok, status: response.status, answer }];
  }

  path(entry) {
    if (entry.action === "undo") return entry.bulk ? "/bulk/undo" : "/undo";
    return entry.bulk ? "/bulk" : "";
  }

  oneOfSeveral(entry) {
    return entry.action === "undo" ? { ...this.body(entry), action: "undo" } : this.body(entry);
  }

  body({ action, items, reason, comment, idempotency_key, bulk }) {
    const revision = (item) => Math.max(item.revision ?? 0, this.revisions.get(item.asset_id) ?? 0);
    const [{ asset_id, seen_sha256 }] = items;
    if (action === "undo") return bulk ? { asset_ids: items.map((item) => item.asset_id), idempotency_key } : { asset_id, idempotency_key };
    if (bulk) return { items: items.map((item) => ({ ...item, revision: revision(item) })) };
    return { asset_id, revision: revision(items[0]), action, reason, comment, idempotency_key, seen_sha256 };
  }

  waitAWhile() {
    clearTimeout(this.timer);
    const wait = PATIENCE_MS[Math.min(this.failures, PATIENCE_MS.length - 1)];
    if (this.calls === 0) this.failures += 1;
    this.timer = setTimeout(() => this.flush(), wait);
    this.tell();
  }

  /** Keep what the server said of each image: saved, taken back, or refused and why. */
  settle(entry, { ok, status, answer }) {
    const { action, reason } = entry;
    for (const { asset_id, state, revision, undo_until, approvals } of ok ? (answer.results ?? [answer]) : []) {
      this.revisions.set(asset_id, revision);
      this.outcomes.set(asset_id, { phase: action === "undo" ? "undone" : "saved", action, reason, state, revision, undo_until, approvals });
    }
    const message = typeof answer.message === "string" ? answer.message : `HTTP ${status}`;
    const refused = ok ? (answer.refused ?? []) : entry.items.map((item) => [item.asset_id, message]);
    for (const [id, why] of refused) {
      const before = this.outcomes.get(id)?.before;
      if (action === "undo" && before) this.outcomes.set(id, { ...before, phase: "saved", message: why }); // it still stands
      else this.outcomes.set(id, { phase: "refused", action, state: answer.current_state, message: why });
    }
    this.tell({ entry, ok: ok && !refused.length, message: refused[0]?.[1] });
  }
}

const boxes = new Map();

/** One outbox a person, however often the gallery is drawn again. */
export function outboxFor(user, url) {
  if (!boxes.has(user)) boxes.set(user, new Outbox(user, url));
  return boxes.get(user);
}
