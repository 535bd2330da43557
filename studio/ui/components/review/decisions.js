// Approving, rejecting, taking back: what may be decided, and what the server said of it.

const RECOUNT_MS = 4000;

export class Decisions {
  constructor(app) {
    this.app = app;
  }

  leave() {
    clearTimeout(this.recounting);
  }

  /** Once the keys rest, the numbers above the gallery are counted anew, by a run of the page that leaves it alone. */
  countSoon() {
    clearTimeout(this.recounting);
    this.recounting = setTimeout(() => {
      const { app } = this;
      const idle = !app.outbox.waiting.length && !document.querySelector("[role=dialog]") && document.visibilityState === "visible";
      if (idle && app.left()) app.trigger("next", Date.now()); // with none left the gallery would go, and its undo too
    }, RECOUNT_MS);
  }

  /** Why an image may not be decided on like this; empty when it may. `ahead`: it will be displayed before. */
  refusal(action, item = this.app.item, ahead = false) {
    const { labels, locks } = this.app.data;
    if (!item) return labels.nothing_here;
    if (this.app.closed(item.id)) return labels.decided_already;
    if (!item.may.includes(action)) return locks[item.locked] ?? labels.not_now;
    const other = this.app.claims.takenBy(item.id);
    if (other !== undefined) return this.app.words.label("with_person_long", { name: other });
    if (action === "approve" && (item.damaged || this.app.broken.has(item.id))) return labels.damaged;
    const unseen = ["approve", "reject"].includes(action) && !ahead && !this.app.pictures.seen(item);
    return unseen ? labels.not_displayed : "";
  }

  choose(choosing) {
    const refusal = choosing && this.refusal("reject");
    if (refusal) return this.app.say(refusal, true);
    this.app.panel.choosing = choosing;
    this.app.draw();
    if (!choosing) this.app.refocus();
  }

  decide(action, reason = null) {
    const { item } = this.app;
    const refusal = this.refusal(action);
    if (refusal) return this.app.say(refusal, true);
    const comment = action === "reject" ? (this.app.panel.comments.get(item.id) ?? "").trim() : "";
    this.app.panel.choosing = false;
    const seen = { asset_id: item.id, revision: item.revision, seen_sha256: item.sha256 };
    const key = this.app.outbox.add(action, [seen], { reason, comment });
    this.app.session.add(key, [item.id], false);
    this.app.say(`${this.app.data.labels.marks[action]}: ${this.app.words.alt(item)}`);
    this.app.selected.delete(item.id);
    this.app.focus(this.app.next() ?? this.app.current);
  }

  approveMany(items) {
    const seen = items.map((item) => ({ asset_id: item.id, revision: item.revision, seen_sha256: item.sha256 }));
    const key = this.app.outbox.addMany(seen);
    this.app.session.add(key, items.map((item) => item.id), true);
    this.app.say(this.app.words.label("approved_n", { n: items.length }), true);
    this.app.selected.clear();
    this.app.focus(this.app.next() ?? this.app.current);
  }

  undo() {
    const last = this.app.session.pop();
    if (!last) return this.app.say(this.app.data.labels.nothing_to_undo, true);
    if (!this.app.outbox.recall(last.key)) this.app.outbox.add("undo", last.items.map((asset_id) => ({ asset_id })), { bulk: last.bulk });
    this.app.say(this.app.data.labels.undone);
    if (this.app.queue.places.has(last.items[0])) this.app.focus(last.items[0]);
    else this.app.draw();
  }

  /** What the server said of an entry: a refused one never was a decision, a refused undo leaves it one. */
  settled(event) {
    if (event) {
      const ids = event.entry.items.map((item) => item.asset_id);
      const undone = event.entry.action === "undo";
      if (!event.ok && !undone) this.app.session.drop(event.entry.idempotency_key);
      if (!event.ok && undone) this.app.session.add(event.entry.idempotency_key, ids, event.entry.bulk);
      if (!event.ok) this.app.say(event.message, true);
      for (const id of ids) {
        this.app.claims.forget(id);
        const item = this.app.queue.get(id);
        const outcome = this.app.outbox.outcomes.get(id);
        if (item && outcome?.revision !== undefined) Object.assign(item, { revision: outcome.revision });
        if (item && (undone || !event.ok)) this.app.queue.panel(id).then(() => this.app.drawSoon());
      }
      this.countSoon();
    }
    this.app.drawSoon();
  }
}
