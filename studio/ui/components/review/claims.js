// Who is at which image: those ahead of a reviewer are claimed for a few minutes, so that two do not decide on one.

const BLOCK = 16;
const LEAST_AHEAD = 6;
const RENEW_MS = 120_000;

export class Claims {
  constructor(url, tell) {
    this.url = url;
    this.tell = tell;
    this.mine = new Map(); // image id -> when it was claimed
    this.taken = new Map(); // image id -> the name of the other
    this.onLeave = () => this.release();
    window.addEventListener("pagehide", this.onLeave);
  }

  takenBy(id) {
    return this.taken.get(id);
  }

  /** `ids`: undecided images from the one in focus on. A few of them are claimed together, and again as time goes by. */
  moveTo(ids) {
    if (!this.url || this.asking) return;
    const stale = performance.now() - RENEW_MS;
    const held = (id) => (this.mine.get(id) ?? -Infinity) > stale;
    if (ids.slice(0, LEAST_AHEAD).every((id) => held(id) || this.taken.has(id))) return;
    this.claim(ids.slice(0, BLOCK).filter((id) => !held(id)));
  }

  async claim(ids) {
    this.asking = true;
    try {
      const response = await fetch(this.url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ asset_ids: ids }),
      });
      if (response.ok) {
        const { mine, taken } = await response.json();
        for (const id of mine) {
          this.mine.set(id, performance.now());
          this.taken.delete(id);
        }
        for (const [id, name] of Object.entries(taken)) this.taken.set(Number(id), name);
        this.tell();
      }
    } catch {
      // Without a connection nobody else decides here either: the server refuses what is claimed by another.
    }
    this.asking = false;
  }

  /** On leaving, what was not decided is free for others at once. */
  release() {
    const ids = [...this.mine.keys()];
    this.mine.clear();
    if (this.url && ids.length)
      fetch(`${this.url}/release`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ asset_ids: ids.slice(-200) }),
        keepalive: true,
      }).catch(() => {});
  }

  /** A decision ended the claim. */
  forget(id) {
    this.mine.delete(id);
  }

  close() {
    window.removeEventListener("pagehide", this.onLeave);
    this.release();
  }
}
