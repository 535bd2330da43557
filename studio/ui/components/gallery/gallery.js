// Results as cards on a light table. Three uses, told by `data.mode`: "pick" (select results and act on them), "browse"
// (a click opens one) and "view" (look, enlarge). Review has a component of its own.

import { drawBar, drawCard, handleKey, markCard } from "./cards.js";
import { Viewer } from "./viewer.js";

const galleries = new WeakMap();

export default function (component) {
  const root = component.parentElement;
  if (!galleries.has(root)) galleries.set(root, new Gallery(root));
  galleries.get(root).update(component);
}

class Gallery {
  constructor(root) {
    this.part = (name) => root.querySelector(`.${name}`);
    this.cards = new Map();
    this.selected = new Set();
    this.viewer = new Viewer(this.part("viewer"), () => this.refocus());
    this.part("help").addEventListener("close", () => this.refocus());
    this.part("gallery").addEventListener("keydown", (event) => this.onKey(event));
  }

  update({ data, setTriggerValue }) {
    this.data = data;
    this.trigger = setTriggerValue;
    this.items = new Map(data.items.map((item) => [item.id, item]));
    this.part("gallery").dataset.mode = data.mode;
    this.part("gallery").dataset.size = data.size;
    for (const id of this.selected) if (!this.items.has(id)) this.selected.delete(id);
    if (!this.items.has(this.current)) this.current = data.items[0]?.id;
    this.draw();
  }

  draw() {
    const list = this.part("cards");
    const wanted = this.data.items.map((item) => this.card(item));
    if (wanted.length !== list.children.length || wanted.some((card, at) => list.children[at] !== card))
      list.replaceChildren(...wanted);
    // A title that all share, such as the text of one order, says nothing on each card.
    list.classList.toggle("same", new Set(this.data.items.map((item) => item.title)).size === 1 && wanted.length > 1);
    for (const id of this.cards.keys()) if (!this.items.has(id)) this.cards.delete(id);
    drawBar(this);
  }

  /** The card of an image, made once: drawing it again changes its marks and leaves its picture alone. */
  card(item) {
    let card = this.cards.get(item.id);
    if (!card) {
      card = drawCard(this, item);
      this.cards.set(item.id, card);
    }
    markCard(this, card, item);
    return card;
  }

  focus(id) {
    if (id === undefined) return;
    this.current = id;
    this.draw();
    const card = this.cards.get(id);
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  }

  refocus() {
    this.focus(this.current);
  }

  /** Move the focus by `step` cards; past an end it stays. */
  move(step) {
    const ids = this.data.items.map((item) => item.id);
    const to = Math.min(Math.max(ids.indexOf(this.current) + step, 0), ids.length - 1);
    this.focus(ids[to]);
  }

  columns() {
    const cards = [...this.part("cards").children];
    const top = cards[0]?.offsetTop;
    return Math.max(cards.filter((card) => card.offsetTop === top).length, 1);
  }

  /** Enlarge the image in focus; the same again closes it. */
  zoom() {
    const item = this.items.get(this.current);
    if (this.viewer.open) this.viewer.close();
    else if (item) this.viewer.show(item, this.data.labels);
  }

  toggle(id) {
    if (!this.selected.delete(id)) this.selected.add(id);
    this.draw();
  }

  /** Ask the page for everything about an image. */
  open(id) {
    this.trigger("open", { id, at: Date.now() });
    document.querySelector("[data-testid=stMain]")?.scrollTo({ top: 0 }); // what opens begins at its top
  }

  act(name, ids) {
    for (const id of ids) this.selected.delete(id);
    this.draw();
    this.trigger("action", { name, ids, at: Date.now() });
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    // Streamlit acts on plain keys too (C, R); while the gallery has the focus they belong to it.
    event.stopPropagation();
    if (this.part("help").open) return;
    if (handleKey(this, event.key, event.target)) event.preventDefault();
  }
}
