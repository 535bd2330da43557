// What a reviewer did in this tab: how many decisions, since when, and the last ones, for undo; and where they
// stood. It survives a reload.

const KEPT = 50;

export class Session {
  constructor(user) {
    this.slot = `ecomgan-review-${user}`;
    const kept = JSON.parse(sessionStorage.getItem(this.slot) || "{}");
    this.decided = kept.decided ?? 0;
    this.since = kept.since ?? null;
    this.done = kept.done ?? []; // {key, items, bulk}, the newest last
  }

  add(key, items, bulk) {
    this.since ??= Date.now();
    this.decided += items.length;
    this.done = [...this.done, { key, items, bulk }].slice(-KEPT);
    this.keep();
  }

  /** The newest decision that was not taken back, and forgets it; undefined when there is none. */
  pop() {
    const last = this.done.pop();
    if (last) this.decided -= last.items.length;
    this.keep();
    return last;
  }

  /** A decision that the server refused never was one. */
  drop(key) {
    const at = this.done.findIndex((entry) => entry.key === key);
    if (at < 0) return;
    this.decided -= this.done[at].items.length;
    this.done.splice(at, 1);
    this.keep();
  }

  /** Where the reviewer stands in a queue, which a reload goes back to. */
  stand(queue, id) {
    sessionStorage.setItem(`${this.slot}-at`, JSON.stringify({ queue, id }));
  }

  /** The id of the image where this tab stood last in the queue; undefined when it was another queue. */
  stood(queue) {
    const at = JSON.parse(sessionStorage.getItem(`${this.slot}-at`) || "{}");
    return at.queue === queue ? at.id : undefined;
  }

  /** Images decided a minute since the first decision; null while it is too early to tell. */
  perMinute() {
    const minutes = this.since ? (Date.now() - this.since) / 60000 : 0;
    return minutes < 0.25 || !this.decided ? null : this.decided / minutes;
  }

  keep() {
    const { decided, since, done } = this;
    sessionStorage.setItem(this.slot, JSON.stringify({ decided, since, done }));
  }
}
