// The images of the filter, fetched page by page ahead of where the reviewer is. A page is asked for by the cursor that
// the page before ended with, so what others decide meanwhile shifts nothing.

const PAGE = 100;
const AHEAD = 150; // images known beyond the last one in sight
const COUNT_EVERY_MS = 20_000;

export class Queue {
  constructor({ queue, counts, items }, tell, decided) {
    this.urls = { queue, counts, items };
    this.tell = tell;
    this.items = [];
    this.places = new Map(); // image id -> its place in `items`
    this.after = "";
    this.done = false;
    this.left = null;
    this.decided = decided; // how many were decided here and saved
    this.decidedThen = 0; // as `left` was counted
    this.count();
    this.counting = setInterval(() => document.visibilityState === "visible" && this.count(), COUNT_EVERY_MS);
  }

  close() {
    clearInterval(this.counting);
    clearTimeout(this.again);
    this.closed = true;
  }

  get(id) {
    return this.items[this.places.get(id)];
  }

  /** See to it that the images around `place` are known, and enough beyond it. */
  ensure(place) {
    if (!this.done && !this.fetching && !this.closed && this.items.length - place < AHEAD) this.more();
  }

  async more() {
    this.fetching = true;
    const page = await this.ask(`${this.urls.queue}&limit=${PAGE}${this.after ? `&after=${encodeURIComponent(this.after)}` : ""}`);
    this.fetching = false;
    if (this.closed) return;
    if (page === null) {
      this.again = setTimeout(() => this.more(), 1500);
      return;
    }
    for (const item of page.items) {
      if (this.places.has(item.id)) continue;
      this.places.set(item.id, this.items.length);
      this.items.push(item);
    }
    this.after = page.after;
    this.done = page.after === null;
    this.tell();
  }

  async count() {
    const decided = this.decided();
    const answer = await this.ask(this.urls.counts);
    if (answer === null || this.closed) return;
    this.left = answer.fitting;
    this.decidedThen = decided;
    this.tell();
  }

  /** Everything about one image for the panel; its own item is taken over, since it may have changed. */
  async panel(id, signal) {
    const panel = await this.ask(this.urls.items.replace("{id}", id), signal);
    if (panel && this.places.has(id)) Object.assign(this.get(id), panel.item);
    return panel;
  }

  /** The JSON at `url`; null where nothing came: no connection, signed out, or another fault. */
  async ask(url, signal) {
    try {
      const response = await fetch(url, { signal });
      this.refused = response.ok ? "" : ((await response.json().catch(() => ({}))).message ?? "");
      return response.ok ? await response.json() : null;
    } catch {
      return null;
    }
  }
}
