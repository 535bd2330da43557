// The panel beside the light table: the image in focus, large, with what is known about it and what can be done.

class Inspector {
  constructor(panel, actions) {
    this.panel = panel;
    this.actions = actions;
    this.comment = "";
  }

  draw(item, data, outcome, choosing) {
    this.panel.hidden = !item;
    if (!item) return;
    const drawn = [item.id, item.revision, outcome?.phase, outcome?.message, choosing, data.locale].join();
    if (drawn === this.drawn) return; // a field being typed in keeps its focus
    this.drawn = drawn;
    if (this.item !== item.id) this.comment = "";
    this.item = item.id;
    this.panel.classList.toggle("choosing", choosing);
    const parts = [
      this.pictures(item, data.labels),
      h("h3", {}, item.title),
      h("p", { class: "caption" }, dot(item.tone, item.state_label), item.caption ? ` · ${item.caption}` : ""),
      h("div", { class: "badges" }, badges(item, data.hints)),
      this.notice(item, outcome),
      choosing ? this.reasons(data) : this.buttons(item, data, outcome),
      this.facts(item, data),
      h("ol", { class: "history", "aria-label": data.labels.history }),
    ];
    this.panel.replaceChildren(...parts.filter(Boolean));
    if (item.revision > 0 && !choosing) this.tell(item, data);
  }

  /** What happened to the image so far, asked for once the focus rests on it. */
  tell(item, data) {
    clearTimeout(this.asking);
    this.asking = setTimeout(async () => {
      const answer = await fetch(data.history.replace("{id}", item.id)).catch(() => null);
      if (!answer?.ok || this.item !== item.id) return;
      const when = new Intl.DateTimeFormat(data.locale, { dateStyle: "short", timeStyle: "short" });
      const lines = (await answer.json()).map((line) => {
        const why = line.undo ? data.labels.taken_back : line.reason ? data.reasons[line.reason] : "";
        const told = [data.states[line.to_state], why, line.comment].filter(Boolean).join(" · ");
        return h("li", {}, h("span", {}, `${when.format(new Date(line.at))} · ${line.user}`), h("strong", {}, told));
      });
      this.panel.querySelector(".history")?.replaceChildren(...lines.reverse());
    }, 250);
  }

  pictures(item, labels) {
    const picture = (source, alt, caption) =>
      h("figure", {}, h("img", { src: source, alt }), item.photo ? h("figcaption", {}, caption) : null);
    return h(
      "div",
      { class: item.photo ? "pair" : "single", onclick: () => this.actions.compare() },
      picture(item.large, item.alt, labels.generated),
      item.photo ? picture(item.photo, labels.photo, labels.photo) : null,
    );
  }

  notice(item, outcome) {
    const told = [
      outcome?.message ? h("p", { class: "notice bad", role: "alert" }, outcome.message) : null,
      item.note ? h("p", { class: "notice" }, item.note) : null,
      item.locked ? h("p", { class: "notice" }, item.locked) : null,
    ].filter(Boolean);
    return told.length ? h("div", {}, told) : null;
  }

  buttons(item, data, outcome) {
    const { labels } = data;
    const closed = outcome?.phase === "pending" || outcome?.phase === "saved";
    const act = (action) => (action.id === "reject" ? this.actions.choose() : this.actions.decide(action.id));
    const drawn = (action) =>
      keyButton(action.label, action.key, () => act(action), {
        class: action.look,
        disabled: closed || !item.may.includes(action.id),
      });
    const open = data.actions.filter((action) => item.may.includes(action.id) || (item.locked && action.look === "primary"));
    const decisions = open.filter((action) => action.look !== "quiet").map(drawn);
    return h(
      "div",
      { class: "buttons" },
      decisions,
      decisions.length ? keyButton(labels.undo, "U", () => this.actions.undo()) : null,
      keyButton(labels.zoom, "Z", () => this.actions.zoom()),
      h("a", { class: "button", href: item.download, download: "" }, labels.download),
      open.filter((action) => action.look === "quiet").map(drawn),
    );
  }

  reasons(data) {
    const { labels } = data;
    const comment = h("input", {
      type: "text",
      maxlength: "500",
      placeholder: labels.comment,
      "aria-label": labels.comment,
      value: this.comment,
      oninput: (event) => (this.comment = event.target.value),
      onkeydown: (event) => event.key !== "Escape" && event.stopPropagation(),
    });
    return h(
      "div",
      { class: "reasons", role: "group", "aria-label": labels.why },
      h("p", { class: "why" }, labels.why),
      comment,
      data.families.map(([family, reasons]) => [
        h("p", { class: "family" }, family),
        h("div", {}, reasons.map((reason) => keyButton(reason.label, reason.key, () => this.actions.reject(reason.id)))),
      ]),
      keyButton(labels.cancel, "Esc", () => this.actions.cancel(), { class: "quiet" }),
    );
  }

  facts(item, data) {
    return h("dl", { class: "facts" }, item.facts.map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
  }
}
