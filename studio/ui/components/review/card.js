// How a card of the light table looks. Its marks change; its picture is left alone.

import { h } from "../dom.js";
import { thumbnail } from "./pictures.js";

export function drawCard(app, item) {
  const card = h(
    "li",
    {
      class: "card",
      role: "option",
      tabindex: "-1",
      "data-id": item.id,
      onclick: (event) => app.selection.clicked(item.id, event),
      ondblclick: () => app.setView("single"),
    },
    h(
      "div",
      { class: "picture" },
      h("img", { decoding: "async", fetchpriority: "low", alt: "", draggable: "false", "data-source": thumbnail(item.sha256, 320) }),
      h("span", { class: "mark" }),
      h("span", { class: "lock", "aria-hidden": "true" }, "🔒"),
      h("span", { class: "tick", "aria-hidden": "true", onclick: (event) => app.selection.ticked(item.id, event) }, "✓"),
    ),
    h("p", { class: "caption" }, h("span", { class: "kind" }), h("span", { class: "checks" })),
  );
  const held = () => app.selection.toggle(item.id);
  let timer;
  card.addEventListener("pointerdown", (event) => event.pointerType === "touch" && (timer = setTimeout(held, 500)));
  for (const end of ["pointerup", "pointermove", "pointercancel"]) card.addEventListener(end, () => clearTimeout(timer));
  return card;
}

export function markCard(app, card, item) {
  const { states, locale } = app.data;
  const outcome = app.outcome(item.id);
  const chosen = app.selected.has(item.id);
  const current = item.id === app.current;
  const mark = markOf(app, item, outcome);
  const held = !outcome && (Boolean(item.locked) || app.claims.takenBy(item.id) !== undefined);
  const size = app.queue.done ? app.queue.items.length : Math.max(app.queue.left ?? 0, app.queue.items.length);
  const marks = [mark, outcome?.phase, outcome?.action, chosen, current, held, item.revision, item.state, size >> 6, locale].join();
  if (card.marks === marks) return;
  card.marks = marks;
  card.classList.toggle("current", current);
  card.classList.toggle("locked", held);
  card.setAttribute("aria-selected", chosen);
  card.setAttribute("aria-current", current);
  card.tabIndex = current ? 0 : -1;
  card.dataset.outcome = outcome?.phase ?? "";
  card.dataset.action = outcome?.action ?? "";
  card.querySelector(".mark").textContent = mark;
  const kind = app.words.kind(item);
  card.querySelector(".kind").textContent = kind;
  const missed = item.scores.filter((score) => score.passes === false).length;
  const checks = card.querySelector(".checks");
  checks.textContent = missed ? String(missed) : "";
  checks.classList.toggle("missed", missed > 0);
  checks.title = missed ? app.words.label("checks_missed", { n: missed }) : "";
  card.setAttribute("aria-label", [app.words.alt(item), mark || states[item.state], checks.title].filter(Boolean).join(", "));
  card.setAttribute("aria-posinset", app.queue.places.get(item.id) + 1);
  card.setAttribute("aria-setsize", size);
  card.title = [app.words.title(item), kind].filter(Boolean).join("\n");
}

/** The word on the picture: what was decided, or what stands in the way. */
function markOf(app, item, outcome) {
  const { labels } = app.data;
  if (outcome) {
    const once = outcome.phase === "saved" && outcome.action === "approve" && outcome.state === "in_review";
    const did = once ? labels.approved_once : (labels.marks[outcome.action] ?? outcome.action);
    return [did, labels.phases[outcome.phase]].filter(Boolean).join(" · ");
  }
  const other = app.claims.takenBy(item.id);
  if (other !== undefined) return app.words.label("with_person", { name: other });
  if (item.damaged) return labels.damaged_short;
  if (item.approvals > 0 && item.state === "in_review") return app.words.label("approvals", { n: item.approvals, of: item.approvals_needed });
  return "";
}
