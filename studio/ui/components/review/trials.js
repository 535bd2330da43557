// "Try again with this changed": an image that was sent back is ordered anew in one click, with what its reason calls for.

import { freshKey, h } from "../dom.js";

export class Trials {
  constructor(app) {
    this.app = app;
    this.known = new Map(); // image id -> {suggestion, key, order, message}
  }

  draw(item) {
    const { labels, changes } = this.app.data;
    const trial = this.of(item);
    if (trial.order)
      return h("p", { class: "trial", "data-id": item.id }, labels.tried_again, " ", h("a", { href: `/generate?job=${trial.order}`, target: "_blank", rel: "noopener" }, labels.show_order));
    const does = (trial.suggestion?.does ?? []).map((name) => this.app.words.fill(changes[name] ?? name, { colour: this.app.words.term(trial.suggestion.colour) }));
    return h(
      "div",
      { class: "trial", "data-id": item.id },
      h("button", { type: "button", disabled: !trial.suggestion || trial.busy, onclick: () => this.order(item, trial) }, labels.try_again),
      h("span", { class: "faint" }, does.join(", ")),
      trial.message ? h("p", { class: "notice bad", role: "alert" }, trial.message) : null,
    );
  }

  /** What is known of the next try; what to change is asked for at the first look. */
  of(item) {
    if (!this.known.has(item.id)) {
      const trial = { key: freshKey() };
      this.known.set(item.id, trial);
      this.app.queue.ask(this.url(item)).then((suggestion) => {
        trial.suggestion = suggestion;
        this.app.drawSoon();
      });
    }
    return this.known.get(item.id);
  }

  async order(item, trial) {
    trial.busy = true;
    trial.message = "";
    this.app.draw();
    try {
      const response = await fetch(this.url(item), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ idempotency_key: trial.key }),
      });
      const answer = await response.json();
      if (response.ok) trial.order = answer.id;
      else trial.message = answer.message;
    } catch {
      trial.message = this.app.data.labels.no_connection;
    }
    trial.busy = false;
    this.app.draw();
  }

  url(item) {
    return this.app.data.again.replace("{id}", item.id);
  }
}
