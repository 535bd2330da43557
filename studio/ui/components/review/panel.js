// The panel beside the light table: the image in focus, large, the decision, and what is known about it.

import { dot, fill, h, keyButton, redraw } from "../dom.js";
import { TABS } from "./beside.js";
import { thumbnail } from "./pictures.js";
import { drawReasons } from "./reasons.js";

const REST_MS = 220; // the rest of the panel is asked for once the focus stands still
const KEPT = 60;

export class Panel {
  constructor(place, app) {
    this.app = app;
    this.place = place;
    this.choosing = false;
    this.tab = "checks";
    this.facts = new Map(); // image id -> what the server told of it
    this.comments = new Map(); // image id -> a reason's comment that is being written
    for (const name of ["looks", "head", "notices", "buttons", "tabs", "more"]) place.append((this[name] = h("div", { class: name })));
    this.notices.setAttribute("aria-live", "assertive");
    this.more.setAttribute("tabindex", "0");
  }

  /** The large picture stands on the screen: now the image may be decided. */
  shown() {
    this.place.setAttribute("aria-busy", "false");
  }

  known(id) {
    return this.facts.get(id);
  }

  draw(item) {
    this.place.classList.toggle("choosing", this.choosing);
    this.place.hidden = !item;
    if (!item) return;
    const { app } = this;
    const facts = this.known(item.id);
    this.place.setAttribute("aria-busy", !app.pictures.seen(item));
    this.drawLooks(item);
    redraw(this.head, ...this.heading(item));
    redraw(this.notices, ...this.told(item));
    if (this.choosing) {
      if (this.reasonsOf !== item.id) drawReasons(this.buttons, app, item);
      this.reasonsOf = item.id;
    } else {
      this.reasonsOf = null;
      redraw(this.buttons, ...this.decisions(item));
    }
    this.tabs.hidden = this.more.hidden = this.choosing;
    this.drawMore(item, facts);
    if (this.asked !== item.id || this.askedRevision !== item.revision) this.ask(item);
  }

  /** The picture element that was decoded ahead is put in itself: nothing is decoded again. */
  drawLooks(item) {
    const { app } = this;
    const single = app.view === "single";
    this.looks.hidden = single;
    if (single) {
      this.picture = null; // it is shown anew on the way back
      return;
    }
    if (this.picture && this.pictureOf === item.id && app.absent.has(item.id)) return; // fetched again in a moment
    const entry = app.pictures.of(item.sha256);
    if (this.picture === entry.image && this.pictureOf === item.id) return;
    const since = app.movedAt;
    this.picture = entry.image;
    this.pictureOf = item.id;
    const { labels } = app.data;
    const alt = app.words.alt(item);
    entry.image.alt = alt;
    const made = h("figure", { class: "made", onclick: () => app.setView("single") }, entry.image, h("figcaption", {}, labels.generated));
    const photo = item.photo ? h("figure", { class: "real", onclick: () => app.compare() }, h("img", { src: thumbnail(item.photo, 640), alt: labels.photo, draggable: "false" }), h("figcaption", {}, labels.photo)) : null;
    this.looks.classList.toggle("pair", Boolean(photo));
    this.looks.replaceChildren(...[made, photo].filter(Boolean));
    const here = () => this.picture === entry.image && this.pictureOf === item.id;
    if (entry.phase === "ready") app.pictures.onScreen(item, entry.image, since);
    else
      entry.decoded.then(() => {
        if (!here()) return;
        if (entry.phase === "ready") app.pictures.onScreen(item, entry.image, since);
        else app.notShown(item);
      });
  }

  heading(item) {
    const { app } = this;
    const { labels, states } = app.data;
    const waiting = item.waiting_since && item.state === "in_review" ? fill(labels.waiting, { time: app.words.since(item.waiting_since) }, app.data.locale) : "";
    const approvals = item.approvals_needed > 1 && item.state === "in_review" ? app.words.label("approvals", { n: item.approvals, of: item.approvals_needed }) : "";
    const person = item.assignee ? app.words.label("assigned", { name: item.assignee }) : "";
    const urgent = item.priority > 0 ? h("strong", { class: "urgent" }, labels.urgent) : "";
    const parts = [dot(app.data.tones[item.state], states[item.state]), app.words.kind(item), waiting, approvals, person, urgent];
    return [
      h("h3", {}, app.words.title(item)),
      h("p", { class: "line" }, parts.filter(Boolean).map((part) => h("span", {}, part))),
    ];
  }

  /** What stands in the way, what happened meanwhile, why it came back. */
  told(item) {
    const { app } = this;
    const { labels } = app.data;
    const outcome = app.outcome(item.id);
    const notice = (text, tone = "") => (text ? h("p", { class: `notice ${tone}` }, text) : null);
    const broken = app.broken.has(item.id) || item.damaged ? labels.damaged : "";
    const other = app.claims.takenBy(item.id);
    return [
      outcome?.message ? h("p", { class: "notice bad", role: "alert" }, outcome.message) : null,
      notice(broken, "bad"),
      broken ? null : notice(app.absent.has(item.id) && labels.absent),
      outcome ? null : notice(item.locked && app.data.locks[item.locked]),
      outcome || other === undefined ? null : notice(app.words.label("with_person_long", { name: other })),
      item.rejection && !outcome ? this.rejection(item) : null,
    ].filter(Boolean);
  }

  rejection(item) {
    const { app } = this;
    const { labels, reasons } = app.data;
    const { reason, comment, ended } = item.rejection;
    const told = [reason ? app.words.label("rejected", { reason: reasons[reason] ?? reason }) : labels.sent_back, comment, ended ? labels.ended : ""];
    return h(
      "div",
      { class: "notice" },
      h("p", {}, told.filter(Boolean).join(". ")),
      item.may_try_again ? app.trials.draw(item) : null,
    );
  }

  decisions(item) {
    const { app } = this;
    const { data } = app;
    const outcome = app.outcome(item.id);
    const closed = outcome?.phase === "pending" || outcome?.phase === "saved";
    const act = (action) => (action.id === "reject" ? app.decisions.choose(true) : app.decisions.decide(action.id));
    const drawn = (action) =>
      keyButton(action.label, action.key, () => act(action), { class: `${action.look} do-${action.id}`, disabled: closed || !item.may.includes(action.id) });
    const usual = data.actions.filter((action) => item.may.includes(action.id) || (item.locked && action.look === "primary"));
    const [first, rest] = [usual.filter((action) => action.look !== "quiet"), usual.filter((action) => action.look === "quiet")];
    return [
      h(
        "div",
        { class: "decide" },
        first.map(drawn),
        data.may_decide ? keyButton(data.labels.undo, "U", () => app.decisions.undo(), { class: "plain", disabled: !app.session.done.length }) : null,
      ),
      h(
        "div",
        { class: "side" },
        keyButton(app.view === "single" ? data.labels.grid : data.labels.zoom, "Z", () => app.setView(app.view === "single" ? "grid" : "single"), { class: "quiet" }),
        app.photosOf(item) ? keyButton(data.labels.compare, "C", () => app.compare(), { class: "quiet" }) : null,
        h("a", { class: "button quiet", href: `/api/v1/assets/${item.id}/image?download=1`, download: "" }, data.labels.download),
        rest.map(drawn),
      ),
    ];
  }

  drawMore(item, facts) {
    const { labels } = this.app.data;
    const tabs = Object.entries(TABS).map(([name, { label, size }]) => {
      const n = facts && size ? size(facts) : 0;
      return h(
        "button",
        { type: "button", role: "tab", id: `tab-${name}`, "aria-controls": "more", "aria-selected": name === this.tab, tabindex: name === this.tab ? "0" : "-1", onclick: () => this.choose(name), onkeydown: (event) => this.tabKey(event) },
        labels[label],
        n ? h("span", { class: "n" }, String(n)) : null,
      );
    });
    this.tabs.setAttribute("role", "tablist");
    this.tabs.setAttribute("aria-label", labels.about);
    redraw(this.tabs, ...tabs);
    this.more.id = "more";
    this.more.setAttribute("role", "tabpanel");
    this.more.setAttribute("aria-labelledby", `tab-${this.tab}`);
    const drawn = [item.id, this.tab, this.app.data.locale, facts?.at].join();
    if (drawn === this.drawnMore) return; // a comment being typed keeps its place
    this.drawnMore = drawn;
    this.more.replaceChildren(...[TABS[this.tab].draw(this.app, item, facts)].flat(Infinity).filter(Boolean));
  }

  choose(name) {
    this.tab = name;
    this.app.draw();
    this.tabs.querySelector("[aria-selected=true]")?.focus();
  }

  tabKey(event) {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!step) return;
    event.stopPropagation();
    event.preventDefault();
    const names = Object.keys(TABS);
    this.choose(names[(names.indexOf(this.tab) + step + names.length) % names.length]);
  }

  /** Ask for the rest once the focus rests on the image. `at_once` after something changed. */
  ask(item, at_once = false) {
    this.asked = item.id;
    this.askedRevision = item.revision;
    clearTimeout(this.timer);
    this.asking?.abort();
    this.timer = setTimeout(
      async () => {
        this.asking = new AbortController();
        const facts = await this.app.queue.panel(item.id, this.asking.signal);
        if (!facts) return;
        this.askedRevision = facts.item.revision;
        this.facts.set(item.id, { ...facts, at: performance.now() });
        for (const oldest of this.facts.keys()) {
          if (this.facts.size <= KEPT) break;
          this.facts.delete(oldest);
        }
        this.app.draw();
      },
      at_once ? 0 : REST_MS,
    );
  }
}
