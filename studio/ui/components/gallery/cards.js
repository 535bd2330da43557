// How a card and the bar above the cards look, and what each key does.

function drawCard(gallery, item) {
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
      h("span", { class: "mark" }),
      mode === "pick" ? pickTools(gallery, item) : null,
    ),
    h("p", { class: "title" }, item.title),
    h("p", { class: "caption" }),
    mode === "pick" ? h("div", { class: "badges" }) : null,
  );
  if (mode !== "review")
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

function markCard(gallery, card, item) {
  const outcome = gallery.outcome(item.id);
  const chosen = gallery.selected.has(item.id);
  card.dataset.id = item.id;
  card.classList.toggle("current", item.id === gallery.current && !["view", "browse"].includes(gallery.data.mode));
  card.classList.toggle("chosen", chosen);
  card.classList.toggle("locked", gallery.data.mode === "review" && Boolean(item.locked));
  card.tabIndex = item.id === gallery.current ? 0 : -1;
  card.dataset.outcome = outcome ? outcome.phase : "";
  card.dataset.action = outcome ? outcome.action : "";
  const word = outcome ? gallery.data.labels.phases[outcome.phase] ?? "" : "";
  const mark = outcome ? [gallery.data.labels.marks[outcome.action], word].filter(Boolean).join(" · ") : "";
  card.querySelector(".mark").textContent = mark;
  card.setAttribute("aria-label", [item.alt, mark || item.state_label, chosen ? gallery.data.labels.selected : ""].filter(Boolean).join(", "));
  const { mode } = gallery.data;
  const state = mode === "review" ? [] : [dot(item.tone, item.state_label)];
  card.querySelector(".caption").replaceChildren(...state, ...(mode === "view" ? [] : [state.length ? " · " : "", item.caption]));
  card.querySelector(".badges")?.replaceChildren(...badges(item, gallery.data.hints));
  const box = card.querySelector("input[type=checkbox]");
  if (box) box.checked = chosen;
}

function drawBar(gallery) {
  const bars = { review: reviewBar, pick: pickBar };
  const parts = bars[gallery.data.mode]?.(gallery) ?? [];
  const bar = h("div", {}, parts);
  const shown = gallery.part("bar");
  // The same again is left alone: a button that is replaced under the pointer loses its click.
  if (bar.innerHTML !== shown.innerHTML) shown.replaceChildren(...parts);
}

function reviewBar(gallery) {
  const { data, outbox, part } = gallery;
  const { labels, locale } = data;
  const open = data.items.filter((item) => !["pending", "saved"].includes(outbox.outcomes.get(item.id)?.phase)).length;
  const left = Math.max(data.total - (data.items.length - open), 0);
  const rate = outbox.perMinute();
  const waiting = outbox.waiting.length;
  const trouble = outbox.signedOut ? labels.signed_out : outbox.offline ? labels.offline : "";
  const saving = waiting ? fill(trouble || labels.saving, { n: waiting }, locale) : outbox.decided ? labels.saved : "";
  return [
    h("span", { class: "count" }, data.waiting ? fill(labels.count, { decided: outbox.decided, left }, locale) : fill(labels.images, { n: data.total }, locale)),
    rate ? h("span", { class: "count" }, fill(labels.rate, { n: Number(rate.toFixed(1)) }, locale)) : "",
    h("span", { class: trouble && waiting ? "saving bad" : "saving" }, saving),
    open === 0 && data.items.length && !waiting
      ? h("button", { type: "button", class: "primary", onclick: () => gallery.trigger("next", Date.now()) }, labels.next)
      : "",
    h("span", { class: "gap" }),
    keyButton(labels.keys, "?", () => showHelp(part("help"), data), { class: "quiet" }),
  ].filter(Boolean);
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
function handleKey(gallery, key, target) {
  const onButton = target.matches?.("button, a, input[type=checkbox]") && (key === "Enter" || key === " ");
  if (onButton) return false;
  const moves = { ArrowRight: 1, j: 1, ArrowLeft: -1, k: -1, ArrowDown: gallery.columns(), ArrowUp: -gallery.columns() };
  const plain = key.length === 1 ? key.toLowerCase() : key;
  if (gallery.choosing) return handleReasonKey(gallery, plain);
  if (plain in moves) {
    gallery.move(moves[plain]);
    if (gallery.viewer.open) gallery.viewer.show(gallery.items.get(gallery.current), gallery.data.labels, gallery.comparing);
    return true;
  }
  if (plain === "Enter" && gallery.data.mode === "browse") gallery.open(gallery.current);
  else if (plain === "z" || plain === "Enter") gallery.zoom();
  else if (plain === "c") gallery.zoom(true);
  else if (plain === "?") showHelp(gallery.part("help"), gallery.data);
  else if (gallery.data.mode === "pick" && (plain === "x" || plain === " ")) gallery.toggle(gallery.current);
  else if (gallery.data.mode === "review") return handleDecisionKey(gallery, plain);
  else return false;
  return true;
}

function handleDecisionKey(gallery, key) {
  if (key === "a") gallery.decide("approve");
  else if (key === "r") gallery.choose(true);
  else if (key === "u") gallery.undo();
  else return false;
  return true;
}

function handleReasonKey(gallery, key) {
  if (key === "Escape" || key === "r") gallery.choose(false);
  const reason = gallery.data.families.flatMap(([, reasons]) => reasons).find((entry) => entry.key === key);
  if (reason) gallery.decide("reject", reason.id);
  return true;
}
