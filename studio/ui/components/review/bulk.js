// Bulk approval: the selected images once more, large enough to be seen, with their number; then one call for all.

import { fill, h } from "../dom.js";
import { thumbnail } from "./pictures.js";

export class Bulk {
  constructor(dialog, app) {
    this.dialog = dialog;
    this.app = app;
    dialog.addEventListener("close", () => app.refocus());
  }

  open() {
    const { app } = this;
    const { labels, locale } = app.data;
    const items = [...app.selected].map((id) => app.queue.get(id)).filter(Boolean);
    const refusal = this.refusal(items);
    if (refusal) return app.say(refusal, true);
    const approve = h("button", { type: "button", class: "primary", disabled: true, onclick: () => this.approve(items) }, fill(labels.approve_n, { n: items.length }, locale));
    const shown = new Set();
    const pictures = items.map((item) => {
      const image = h("img", { src: thumbnail(item.sha256, 640), alt: app.words.alt(item) });
      const done = () => {
        shown.add(item.id);
        app.pictures.onScreen(item, image);
        approve.disabled = shown.size < items.length;
        if (!approve.disabled && this.dialog.open) approve.focus();
      };
      image.decode().then(done, () => app.notShown(item));
      return h("figure", {}, image, h("figcaption", {}, app.words.title(item)));
    });
    const head = fill(labels.bulk_title, { n: items.length, kind: app.words.term(items[0].category) || labels.images_word }, locale);
    this.dialog.setAttribute("aria-label", head);
    this.dialog.replaceChildren(
      h("h2", {}, head),
      h("p", {}, labels.bulk_lead),
      h("div", { class: "sheet-pictures" }, pictures),
      h("div", { class: "buttons" }, approve, h("button", { type: "button", onclick: () => this.dialog.close() }, labels.cancel)),
    );
    this.dialog.showModal();
  }

  /** Why these cannot be approved together; empty when they can. The server judges again. */
  refusal(items) {
    const { labels } = this.app.data;
    const closed = items.find((item) => this.app.decisions.refusal("approve", item, true));
    if (closed) return `${this.app.words.alt(closed)}: ${this.app.decisions.refusal("approve", closed, true)}`;
    const kinds = new Set(items.map((item) => item.category));
    const checks = new Set(items.map((item) => item.scores.filter((score) => score.passes === false).map((score) => score.metric).sort().join()));
    const needed = new Set(items.map((item) => `${item.approvals}/${item.approvals_needed}`));
    if (kinds.size > 1) return labels.bulk_kinds;
    if (checks.size > 1) return labels.bulk_checks;
    return needed.size > 1 ? labels.bulk_needed : "";
  }

  approve(items) {
    this.dialog.close();
    this.app.decisions.approveMany(items);
  }
}
