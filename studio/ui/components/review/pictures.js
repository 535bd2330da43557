// The large pictures: fetched and decoded ahead, and the record of which were really on the screen. What was not
// displayed cannot be decided.

const KEPT = 80;
const AHEAD = 12;

export const thumbnail = (sha256, size) => `/api/v1/thumbnails/${sha256}?size=${size}`;
export const original = (id) => `/api/v1/assets/${id}/image`;

export class Pictures {
  constructor(tell) {
    this.tell = tell;
    this.ready = new Map(); // hash -> {image, phase: loading|ready|broken}
    this.displayed = new Map(); // image id -> hash of what was on the screen
  }

  /** The large picture of a hash, as an element that is decoded as soon as may be. */
  of(sha256, priority = "high") {
    const kept = this.ready.get(sha256);
    if (kept) {
      this.ready.delete(sha256); // the last used are dropped last
      this.ready.set(sha256, kept);
      return kept;
    }
    const image = new Image();
    const entry = { image, phase: "loading" };
    image.decoding = "sync";
    image.fetchPriority = priority;
    image.src = thumbnail(sha256, 640);
    image.draggable = false;
    entry.decoded = image.decode().then(
      () => (entry.phase = "ready"),
      () => {
        entry.phase = "broken";
        if (this.ready.get(sha256) === entry) this.ready.delete(sha256); // the next look tries again
      },
    );
    this.ready.set(sha256, entry);
    for (const oldest of this.ready.keys()) {
      if (this.ready.size <= KEPT) break;
      this.ready.delete(oldest);
    }
    return entry;
  }

  ahead(items) {
    for (const [at, item] of items.slice(0, AHEAD).entries()) this.of(item.sha256, at < 2 ? "high" : "low");
    for (const item of items.slice(0, 2)) if (item.photo) this.of(item.photo, "low");
  }

  /** Told by who shows it: `element` stands on the screen, whole. Counts once a frame with it was painted. */
  onScreen(item, element, since) {
    requestAnimationFrame(() =>
      setTimeout(() => {
        if (!element.isConnected || !element.checkVisibility() || !element.naturalWidth) return;
        if (since !== undefined) performance.measure("ecomgan:displayed", { start: since });
        if (this.displayed.get(item.id) === item.sha256) return;
        this.displayed.set(item.id, item.sha256);
        this.tell(item.id);
      }),
    );
  }

  seen(item) {
    return this.displayed.get(item.id) === item.sha256;
  }
}
