// The line above the light table: how far the reviewer is, what is on its way, what is selected.

import { fill, h, icon, keyButton } from "../dom.js";

export function drawBar(app) {
  const parts = app.selected.size ? selectionParts(app) : progressParts(app);
  const view = h(
    "span",
    { class: "set", role: "group", "aria-label": app.data.labels.view },
    viewButton(app, "grid", app.data.labels.grid),
    viewButton(app, "single", app.data.labels.single),
  );
  const { labels } = app.data;
  const sizes = [
    h("button", { type: "button", class: "tool", "aria-label": labels.smaller, title: labels.smaller, disabled: app.grid.size === 0, onclick: () => (app.grid.resize(-1), app.draw()) }, "−"),
    h("button", { type: "button", class: "tool", "aria-label": labels.larger, title: labels.larger, disabled: app.grid.size === 2, onclick: () => (app.grid.resize(1), app.draw()) }, "+"),
  ];
  const full = app.filled ? labels.leave_full : labels.full;
  return [
    ...parts,
    h("span", { class: "gap" }),
    app.view === "grid" ? h("span", { class: "set" }, sizes) : null,
    view,
    h("button", { type: "button", class: "tool", "aria-label": full, title: full, "aria-keyshortcuts": "F", "aria-pressed": Boolean(app.filled), onclick: () => app.fill() }, icon(app.filled ? "leave" : "full")),
    h("button", { type: "button", class: "tool", "aria-label": labels.keys, title: labels.keys, "aria-keyshortcuts": "?", onclick: () => app.help() }, "?"),
  ];
}

function viewButton(app, view, label) {
  return h("button", { type: "button", class: "tool wide", "aria-pressed": app.view === view, onclick: () => app.setView(view) }, label);
}

function progressParts(app) {
  const { data, outbox, session, queue } = app;
  const { labels, locale } = data;
  const rate = session.perMinute();
  const left = app.left();
  const count = data.waiting ? fill(labels.count, { decided: session.decided, left: left ?? "…" }, locale) : fill(labels.images, { n: queue.left ?? queue.items.length }, locale);
  return [
    h("span", { class: "count" }, count),
    rate && data.waiting ? h("span", { class: "count quiet" }, fill(labels.rate, { n: Number(rate.toFixed(1)) }, locale)) : null,
    saving(app, outbox, labels, locale),
    app.allDecided() ? h("button", { type: "button", class: "primary", onclick: () => app.again() }, labels.next) : null,
  ];
}

function saving(app, outbox, labels, locale) {
  const n = outbox.waiting.length;
  const trouble = outbox.signedOut ? labels.signed_out : outbox.offline ? labels.offline : "";
  if (n) return h("span", { class: trouble ? "saving bad" : "saving" }, fill(trouble || labels.saving, { n }, locale));
  return app.session.decided ? h("span", { class: "saving good" }, labels.saved) : null;
}

function selectionParts(app) {
  const { labels, locale } = app.data;
  return [
    h("span", { class: "count" }, fill(labels.n_selected, { n: app.selected.size }, locale)),
    app.data.may_decide ? keyButton(fill(labels.approve_n, { n: app.selected.size }, locale), "A", () => app.bulk.open(), { class: "primary" }) : null,
    ...app.handing.draw(),
    h("button", { type: "button", class: "quiet", onclick: () => app.selection.none() }, labels.select_none),
  ];
}
