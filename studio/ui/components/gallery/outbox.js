// Decisions on their way to the server. They are kept in the browser's storage until the server answered, and sent
// one after the other with an idempotency key: a dropped connection or a closed tab loses nothing, and nothing
// counts twice.

class Outbox {
  constructor(user, url) {
    this.url = url;
    this.slot = `ecomgan-decisions-${user}`;
    this.waiting = JSON.parse(localStorage.getItem(this.slot) || "[]");
    this.outcomes = new Map(); // image id -> {phase: pending|saved|refused, action, state, revision, message}
    this.revisions = new Map(); // image id -> revision after our own last decision
    this.sent = []; // image ids in the order decided here, for undo
    this.listeners = new Set();
    this.offline = false;
    this.signedOut = false;
    this.decided = 0;
    this.since = null;
    for (const entry of this.waiting) this.outcomes.set(entry.asset_id, { phase: "pending", action: entry.action });
    window.addEventListener("online", () => this.flush());
    this.flush();
  }

  add(entry) {
    this.since = this.since || Date.now();
    const before = this.outcomes.get(entry.asset_id);
    this.waiting.push({ ...entry, before, idempotency_key: freshKey() });
    this.outcomes.set(entry.asset_id, { phase: "pending", action: entry.action });
    if (entry.action !== "undo") {
      this.sent.push(entry.asset_id);
      this.decided += 1;
    }
    this.save();
    this.flush();
  }

  /** Take back the last decision made here. Returns its image's id, or null when there is none. */
  undo() {
    const id = this.sent.pop();
    if (id === undefined) return null;
    this.decided -= 1;
    const unsent = this.waiting.findIndex((entry, at) => entry.asset_id === id && !(at === 0 && this.sending));
    if (unsent >= 0) {
      this.waiting.splice(unsent, 1);
      this.outcomes.delete(id);
      this.save();
    } else this.add({ asset_id: id, action: "undo" });
    return id;
  }

  /** Images decided a minute since the first decision of this visit; null while it is too early to tell. */
  perMinute() {
    const minutes = this.since ? (Date.now() - this.since) / 60000 : 0;
    return minutes < 0.25 ? null : this.decided / minutes;
  }

  save() {
    localStorage.setItem(this.slot, JSON.stringify(this.waiting));
    for (const listener of this.listeners) listener();
  }

  async flush() {
    if (this.sending) return;
    this.sending = true;
    while (this.waiting.length) {
      const entry = this.waiting[0];
      const answer = await this.send(entry);
      if (answer === null) break;
      this.waiting.shift();
      this.settle(entry, answer);
      this.save();
    }
    this.sending = false;
  }

  /** The server's answer, or null when the entry has to wait: no connection, a busy server, or signed out. */
  async send(entry) {
    const undo = entry.action === "undo";
    const revision = Math.max(entry.revision ?? 0, this.revisions.get(entry.asset_id) ?? 0);
    const { asset_id, action, reason, comment, idempotency_key } = entry;
    const body = undo ? { asset_id, idempotency_key } : { asset_id, revision, action, reason, comment, idempotency_key };
    let response;
    try {
      response = await fetch(undo ? `${this.url}/undo` : this.url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
        keepalive: true,
      });
    } catch {
      return this.wait(true, false);
    }
    if (response.status === 401) return this.wait(false, true);
    if ([429, 502, 503, 504].includes(response.status)) return this.wait(true, false);
    this.offline = this.signedOut = false;
    const answer = await response.json().catch(() => ({}));
    return { ok: response.ok, status: response.status, ...answer };
  }

  wait(offline, signedOut) {
    this.offline = offline;
    this.signedOut = signedOut;
    this.save();
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.flush(), 3000);
    return null;
  }

  settle(entry, answer) {
    if (answer.ok) {
      const phase = entry.action === "undo" ? "undone" : "saved";
      this.revisions.set(entry.asset_id, answer.revision);
      this.outcomes.set(entry.asset_id, { phase, action: entry.action, state: answer.state, revision: answer.revision });
      return;
    }
    const message = typeof answer.message === "string" ? answer.message : `${answer.status}`;
    if (entry.action === "undo" && entry.before) {
      this.decided += 1; // it still stands
      this.outcomes.set(entry.asset_id, { ...entry.before, phase: "saved", message });
      return;
    }
    const at = this.sent.lastIndexOf(entry.asset_id);
    if (at >= 0) {
      this.sent.splice(at, 1);
      this.decided -= 1;
    }
    this.outcomes.set(entry.asset_id, { phase: "refused", action: entry.action, state: answer.current_state, message });
  }
}

let sharedOutbox = null;

/** One outbox for the page, however often the gallery is drawn again. */
function outboxFor(user, url) {
  if (!sharedOutbox || sharedOutbox.slot !== `ecomgan-decisions-${user}`) sharedOutbox = new Outbox(user, url);
  return sharedOutbox;
}

/** 32 random hex digits. `crypto.randomUUID` exists on https and localhost alone; a studio may stand in a plain network. */
function freshKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
