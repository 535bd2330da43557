// The gallery: images as cards on a light table. Three uses, told by `data.mode`: "review" (decide by keyboard, with
// the inspector), "pick" (select results and act on them) and "view" (look, zoom).

const galleries = new WeakMap();

export default function (component) {
  const root = component.parentElement;
  if (!galleries.has(root)) galleries.set(root, new Gallery(root));
  const gallery = galleries.get(root);
  gallery.update(component);
  return () => gallery.leave();
}

class Gallery {
  constructor(root) {
    this.root = root;
    this.part = (name) => root.querySelector(`.${name}`);
    this.cards = new Map();
    this.selected = new Set();
    this.choosing = false;
    this.redraw = () => this.draw();
    this.viewer = new Viewer(this.part("viewer"), () => this.refocus());
    this.part("help").addEventListener("close", () => this.refocus());
    this.part("gallery").addEventListener("keydown", (event) => this.onKey(event));
    this.inspector = new Inspector(this.part("inspector"), {
      decide: (action) => this.decide(action),
      choose: () => this.choose(true),
      cancel: () => this.choose(false),
      reject: (reason) => this.decide("reject", reason),
      undo: () => this.undo(),
      zoom: () => this.zoom(),
      compare: () => this.zoom(true),
    });
  }

  update({ data, setTriggerValue }) {
    const first = !this.data;
    this.data = data;
    this.trigger = setTriggerValue;
    this.items = new Map(data.items.map((item) => [item.id, item]));
    if (data.mode === "review") this.listen(outboxFor(data.user, data.decisions));
    this.part("gallery").dataset.mode = data.mode;
    this.part("gallery").dataset.size = data.size;
    for (const id of this.selected) if (!this.items.has(id)) this.selected.delete(id);
    if (!this.items.has(this.current)) this.current = data.items[0]?.id;
    this.draw();
    // The keys work from the start; the frame gives Streamlit time to put the gallery into the page.
    if (first && data.mode === "review") requestAnimationFrame(() => this.nobodyHasFocus() && this.refocus());
  }

  /** A late answer of the server draws the marks anew; a newer row of the database replaces an older outcome. */
  listen(outbox) {
    this.outbox = outbox;
    outbox.listeners.add(this.redraw);
    for (const item of this.items.values()) {
      const outcome = outbox.outcomes.get(item.id);
      const over = outcome?.phase === "undone" || (outcome?.phase === "saved" && item.revision > outcome.revision);
      if (over && item.revision >= (outcome.revision ?? 0)) outbox.outcomes.delete(item.id);
    }
  }

  leave() {
    this.outbox?.listeners.delete(this.redraw);
  }

  outcome(id) {
    const outcome = this.outbox?.outcomes.get(id);
    return outcome?.phase === "undone" ? undefined : outcome;
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
    if (this.data.mode === "review")
      this.inspector.draw(this.items.get(this.current), this.data, this.outcome(this.current), this.choosing);
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
    if (id !== this.current) this.choosing = false;
    this.current = id;
    this.draw();
    const card = this.cards.get(id);
    card.focus({ preventScroll: true });
    card.scrollIntoView({ block: "nearest" });
  }

  refocus() {
    this.focus(this.current);
  }

  nobodyHasFocus() {
    return document.activeElement === document.body || document.activeElement === null;
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

  /** The next image without a decision, after the one in focus and then from the start. */
  next() {
    const ids = this.data.items.map((item) => item.id);
    const at = ids.indexOf(this.current);
    const open = (id) => !this.outcome(id) && this.items.get(id).may.length > 0;
    return [...ids.slice(at + 1), ...ids.slice(0, at)].find(open);
  }

  choose(choosing) {
    if (choosing && this.refusal("reject")) return this.say(this.refusal("reject"));
    this.choosing = choosing;
    this.draw();
    if (!choosing) this.refocus();
  }

  /** Why the image in focus may not be decided on like this; empty when it may. */
  refusal(action) {
    const item = this.items.get(this.current);
    if (!item) return this.data.labels.nothing_here;
    if (["pending", "saved"].includes(this.outcome(item.id)?.phase)) return this.data.labels.decided_already;
    return item.may.includes(action) ? "" : item.locked || this.data.labels.not_now;
  }

  decide(action, reason) {
    const refusal = this.refusal(action);
    if (refusal) return this.say(refusal);
    const item = this.items.get(this.current);
    const comment = action === "reject" ? this.inspector.comment.trim() : "";
    this.choosing = false;
    this.outbox.add({ asset_id: item.id, revision: item.revision, action, reason: reason ?? null, comment });
    this.say(`${this.data.labels.marks[action]}: ${item.alt}`);
    if (this.viewer.open) this.viewer.close();
    this.focus(this.next() ?? this.current);
  }

  undo() {
    const id = this.outbox.undo();
    if (id === null) return this.say(this.data.labels.nothing_to_undo);
    this.say(this.data.labels.undone);
    if (this.items.has(id)) this.focus(id);
    else this.draw();
  }

  /** Enlarge the image in focus, or with `compare` set it beside the real photo; the same again closes it. */
  zoom(compare = false) {
    const item = this.items.get(this.current);
    const again = this.viewer.open && this.comparing === compare;
    this.comparing = compare;
    if (again) this.viewer.close();
    else if (item) this.viewer.show(item, this.data.labels, compare);
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

  say(text) {
    this.part("announce").textContent = text;
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches?.("input, textarea");
    // Streamlit acts on plain keys too (C, R); while the gallery has the focus they belong to it.
    event.stopPropagation();
    if (typing && event.key !== "Escape") return;
    if (this.part("help").open) return;
    if (handleKey(this, event.key, event.target)) event.preventDefault();
  }
}
