// How a card and the bar above the cards look, and what each key does.

import { dot, fill, h, showHelp } from "../dom.js";

export function drawCard(gallery, item) {
  const { labels, mode } = gallery.data;
  const card = h(
    "li",
    {
      class: "card",
      tabindex: "-1",
      onclick: () => (mode === "browse" ? gallery.open(item.id) : gallery.focus(item.id)),
      ondblclick: () => mode !== "browse" && gallery.zoom(),
    },
    h(
      "div",
      { class: "picture" },
      h("img", { loading: "lazy", decoding: "async", src: item.thumbnail, alt: item.alt }),
      mode === "pick" ? pickTools(gallery, item) : null,
    ),
    h("p", { class: "title" }, item.title),
    h("p", { class: "caption" }),
    mode === "pick" ? h("div", { class: "badges" }) : null,
  );
  card.querySelector(".picture").append(
      h(
        "button",
        { type: "button", class: "tool zoom", "aria-label": `${labels.zoom}: ${item.alt}`, title: labels.zoom, onclick: (event) => { event.stopPropagation(); gallery.focus(item.id); gallery.zoom(); } },
        "⤢",
      ),
    );
  return card;
}

function pickTools(gallery, item) {
  const { labels } = gallery.data;
  const box = h("input", {
    type: "checkbox",
    "aria-label": `${labels.select}: ${item.alt}`,
    onchange: () => gallery.toggle(item.id),
    onclick: (event) => event.stopPropagation(),
  });
  const tool = (name, label, act) =>
    h("button", { type: "button", class: "tool", "aria-label": `${label}: ${item.alt}`, title: label, onclick: act }, name);
  return [
    box,
    h(
      "div",
      { class: "tools" },
      gallery.data.may_submit ? tool(labels.submit_short, labels.submit, () => gallery.act("submit", [item.id])) : null,
      gallery.data.may_submit ? tool(labels.more_short, labels.more, () => gallery.act("more", [item.id])) : null,
      h("a", { class: "tool", href: item.download, download: "", "aria-label": `${labels.download}: ${item.alt}`, title: labels.download }, "↓"),
    ),
  ];
}

export function markCard(gallery, card, item) {
  const { mode, labels, hints } = gallery.data;
  const chosen = gallery.selected.has(item.id);
  card.dataset.id = item.id;
  card.classList.toggle("current", item.id === gallery.current && mode === "pick");
  card.classList.toggle("chosen", chosen);
  card.tabIndex = item.id === gallery.current ? 0 : -1;
  card.setAttribute("aria-label", [item.alt, item.state_label, chosen ? labels.selected : ""].filter(Boolean).join(", "));
  const more = mode === "view" ? [] : [" · ", item.caption];
  card.querySelector(".caption").replaceChildren(dot(item.tone, item.state_label), ...more);
  card.querySelector(".badges")?.replaceChildren(...badges(item, hints));
  const box = card.querySelector("input[type=checkbox]");
  if (box) box.checked = chosen;
}

export function drawBar(gallery) {
  const parts = gallery.data.mode === "pick" ? pickBar(gallery) : [];
  const bar = h("div", {}, parts);
  const shown = gallery.part("bar");
  // The same again is left alone: a button that is replaced under the pointer loses its click.
  if (bar.innerHTML !== shown.innerHTML) shown.replaceChildren(...parts);
}

function pickBar(gallery) {
  const { data, selected } = gallery;
  const { labels, locale } = data;
  const all = selected.size === data.items.length && selected.size > 0;
  const choose = () => {
    gallery.selected = all ? new Set() : new Set(data.items.map((item) => item.id));
    gallery.draw();
  };
  return [
    h("span", { class: "count" }, fill(labels.chosen, { n: selected.size, all: data.items.length }, locale)),
    h("button", { type: "button", class: "quiet", onclick: choose }, all ? labels.select_none : labels.select_all),
    h("span", { class: "gap" }),
    data.may_submit
      ? h("button", { type: "button", class: "primary", disabled: selected.size === 0, onclick: () => gallery.act("submit", [...selected]) }, labels.submit_selected)
      : "",
  ].filter(Boolean);
}

/** Act on a plain key; false when the gallery has no use for it. */
export function handleKey(gallery, key, target) {
  const onButton = target.matches?.("button, a, input[type=checkbox]") && (key === "Enter" || key === " ");
  if (onButton) return false;
  const moves = { ArrowRight: 1, j: 1, ArrowLeft: -1, k: -1, ArrowDown: gallery.columns(), ArrowUp: -gallery.columns() };
  const plain = key.length === 1 ? key.toLowerCase() : key;
  if (plain in moves) {
    gallery.move(moves[plain]);
    if (gallery.viewer.open) gallery.viewer.show(gallery.items.get(gallery.current), gallery.data.labels);
    return true;
  }
  if (plain === "Enter" && gallery.data.mode === "browse") gallery.open(gallery.current);
  else if (plain === "z" || plain === "Enter") gallery.zoom();
  else if (plain === "?") showHelp(gallery.part("help"), gallery.data.labels, gallery.data.keys);
  else if (gallery.data.mode === "pick" && (plain === "x" || plain === " ")) gallery.toggle(gallery.current);
  else return false;
  return true;
}

/** The small figures of an image: passed ones quiet, others marked. */
function badges(item, hints) {
  return item.badges.map((badge) =>
    h("span", { class: `badge ${badge.tone}`, title: hints[badge.metric] }, `${badge.name} ${badge.value}`),
  );
}
