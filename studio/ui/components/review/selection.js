// Which images are selected: by X, by Shift with arrows or a click, by the tick on a card, by holding a finger on it.

export class Selection {
  constructor(app) {
    this.app = app;
    this.ids = new Set();
  }

  /** One more or one less; with `range` all from the last one up to here. */
  toggle(id, range = false) {
    if (id === undefined) return;
    const { places } = this.app.queue;
    if (range && places.has(this.anchor)) this.add(places.get(this.anchor), places.get(id));
    else if (!this.ids.delete(id)) this.ids.add(id);
    this.anchor = id;
    this.app.say(this.app.words.label("n_selected", { n: this.ids.size }));
    this.app.draw();
  }

  /** All images between two places of the queue, both included. */
  add(from, to) {
    for (let at = Math.min(from, to); at <= Math.max(from, to); at += 1) this.ids.add(this.app.queue.items[at].id);
  }

  none() {
    this.ids.clear();
    this.app.draw();
    this.app.refocus();
  }

  clicked(id, event) {
    if (event.shiftKey) this.toggle(id, true);
    else if (event.ctrlKey || event.metaKey) this.toggle(id);
    else this.anchor = id;
    this.app.focus(id);
  }

  ticked(id, event) {
    event.stopPropagation();
    this.toggle(id, event.shiftKey);
    this.app.focus(id);
  }
}
