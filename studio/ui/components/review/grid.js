// The light table: of 100,000 images only the cards in sight stand in the page. Cards have one size, so a card's place
// follows from its number.

import { drawCard, markCard } from "./card.js";

const GAP = 12;
const MARGIN_ROWS = 2; // rows kept beyond each edge
const CAPTION = 30;
const SIZES = [104, 148, 216];
const REST_MS = 70;

export class Grid {
  constructor(scroller, app) {
    this.scroller = scroller;
    this.list = scroller.querySelector(".cards");
    this.app = app;
    this.cards = new Map(); // image id -> its card, for those in the page
    this.size = Number(localStorage.getItem("ecomgan-review-size") ?? 1);
    scroller.addEventListener("scroll", () => this.onScroll(), { passive: true });
    new ResizeObserver(() => this.layout()).observe(scroller);
  }

  resize(step) {
    this.size = Math.min(Math.max(this.size + step, 0), SIZES.length - 1);
    localStorage.setItem("ecomgan-review-size", this.size);
    this.layout();
    this.reveal(this.app.place);
  }

  layout() {
    const width = this.list.clientWidth;
    if (!width || !this.app.queue) return; // not in sight
    const least = Math.min(SIZES[this.size], (width - GAP) / 2);
    this.columns = Math.max(Math.floor((width + GAP) / (least + GAP)), 1);
    this.width = (width - GAP * (this.columns - 1)) / this.columns;
    this.height = Math.round(this.width * 1.2) + CAPTION;
    for (const [id, card] of this.cards) this.place(card, this.app.queue.places.get(id) ?? 0);
    this.draw();
  }

  onScroll() {
    this.scrolledAt = performance.now();
    if (this.frame) return;
    this.frame = requestAnimationFrame(() => {
      this.frame = null;
      const far = Math.abs(this.scroller.scrollTop - (this.shownTop ?? 0)) > this.scroller.clientHeight;
      this.shownTop = this.scroller.scrollTop;
      this.draw(far);
    });
  }

  /** Put the cards in sight into the page and take those away that are far. `flying`: pictures wait for rest. */
  draw(flying = false) {
    if (!this.columns) return this.layout();
    const { items } = this.app.queue;
    const pitch = this.height + GAP;
    const rows = Math.ceil(items.length / this.columns);
    this.list.style.height = `${Math.max(rows * pitch - GAP, 0)}px`;
    const top = this.scroller.scrollTop;
    const first = Math.max(Math.floor(top / pitch) - MARGIN_ROWS, 0) * this.columns;
    const last = Math.min((Math.ceil((top + this.scroller.clientHeight) / pitch) + MARGIN_ROWS) * this.columns, items.length);
    const wanted = new Set();
    for (let place = first; place < last; place += 1) wanted.add(items[place].id);
    const current = this.app.current;
    if (current !== undefined && this.app.queue.places.has(current)) wanted.add(current); // it may hold the focus
    for (const [id, card] of this.cards) {
      if (wanted.has(id)) continue;
      card.querySelector("img").removeAttribute("src"); // a picture that nobody waits for is not fetched any further
      card.remove();
      this.cards.delete(id);
    }
    const fresh = [];
    for (const id of wanted) {
      const item = this.app.queue.get(id);
      let card = this.cards.get(id);
      if (!card) {
        card = drawCard(this.app, item);
        this.place(card, this.app.queue.places.get(id));
        this.cards.set(id, card);
        fresh.push(card);
      }
      markCard(this.app, card, item);
    }
    this.list.append(...fresh);
    if (flying) this.pictureAtRest();
    else this.picture();
    this.app.queue.ensure(last);
  }

  place(card, place) {
    const [row, column] = [Math.floor(place / this.columns), place % this.columns];
    card.style.width = `${this.width}px`;
    card.style.height = `${this.height}px`;
    card.style.transform = `translate(${column * (this.width + GAP)}px, ${row * (this.height + GAP)}px)`;
    card.style.order = place;
  }

  picture() {
    for (const image of this.list.querySelectorAll("img[data-source]")) {
      image.src = image.dataset.source;
      delete image.dataset.source;
    }
  }

  pictureAtRest() {
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.picture(), REST_MS);
  }

  /** Scroll so that the card of this number is in sight, with a little of its neighbours. */
  reveal(place) {
    if (!this.columns || place < 0) return;
    const pitch = this.height + GAP;
    const top = Math.floor(place / this.columns) * pitch;
    const { scrollTop, clientHeight } = this.scroller;
    const margin = Math.min(pitch * 0.35, Math.max(clientHeight - this.height, 0) / 2);
    if (top - margin < scrollTop) this.scroller.scrollTop = Math.max(top - margin, 0);
    else if (top + this.height + margin > scrollTop + clientHeight) this.scroller.scrollTop = top + this.height + margin - clientHeight;
  }

  focus(id) {
    this.cards.get(id)?.focus({ preventScroll: true });
  }

  /** One card more or less in sight: its number of rows for Page Up and Page Down. */
  get pageStep() {
    return Math.max(Math.floor(this.scroller.clientHeight / (this.height + GAP)), 1) * this.columns;
  }
}
