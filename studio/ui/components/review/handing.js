// What can be done with a selection beside deciding: give it to a person, say how urgent it is.

import { h } from "../dom.js";

const URGENT = 2;

export class Handing {
  constructor(app) {
    this.app = app;
    this.people = null; // asked for once something is selected
  }

  draw() {
    const { data, selected } = this.app;
    const { labels } = data;
    if (!this.people && !this.asking && data.may_decide) this.ask();
    const items = [...selected].map((id) => this.app.queue.get(id)).filter(Boolean);
    const urgent = items.every((item) => item.priority > 0);
    const reviewers = (this.people ?? []).filter((person) => data.may_give || person.id === data.user);
    return [
      data.may_comment ? h("button", { type: "button", onclick: () => this.prioritise(items, urgent ? 0 : URGENT) }, urgent ? labels.not_urgent : labels.make_urgent) : null,
      reviewers.length
        ? h(
            "select",
            { "aria-label": labels.give_to, onchange: (event) => this.assign(items, event.target.value) },
            h("option", { value: "" }, labels.give_to),
            reviewers.map((person) => h("option", { value: String(person.id) }, person.id === data.user ? labels.me : person.name)),
            data.may_give ? h("option", { value: "nobody" }, labels.nobody) : null,
          )
        : null,
    ];
  }

  async ask() {
    this.asking = true;
    const people = await this.app.queue.ask(this.app.data.people);
    this.people = (people ?? []).filter((person) => ["reviewer", "manager", "admin"].includes(person.role));
    this.app.drawSoon();
  }

  async assign(items, value) {
    if (!value) return;
    const person = this.people.find((one) => String(one.id) === value);
    const done = await this.send("assign", { asset_ids: items.map((item) => item.id), person_id: person?.id ?? null });
    if (done) for (const item of items) item.assignee = person?.name ?? null;
    this.app.drawSoon();
  }

  async prioritise(items, priority) {
    const done = await this.send("priority", { asset_ids: items.map((item) => item.id), priority });
    if (done) for (const item of items) item.priority = priority;
    this.app.drawSoon();
  }

  /** Returns whether it was done; else says why not. */
  async send(what, body) {
    const { labels, sharing } = this.app.data;
    let message = labels.no_connection;
    try {
      const response = await fetch(`${sharing}/${what}`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(body),
      });
      const answer = await response.json();
      if (response.ok) {
        this.app.say(this.app.words.label("changed_n", { n: answer.changed }), true);
        return true;
      }
      message = answer.message;
    } catch {
      // told below
    }
    this.app.say(message, true);
    return false;
  }
}
