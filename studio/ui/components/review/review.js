// Review: a light table of what waits, a large view, and a panel to decide. It is fed by URLs (`data.queue` and others);
// the texts come with the page's data. Decisions go out in the background, see outbox.js.

import { fill, h, redraw, showHelp } from "../dom.js";
import { drawBar } from "./bar.js";
import { Bulk } from "./bulk.js";
import { Claims } from "./claims.js";
import { Grid } from "./grid.js";
import { handleKey } from "./keys.js";
import { outboxFor } from "./outbox.js";
import { Panel } from "./panel.js";
import { Pictures } from "./pictures.js";
import { Queue } from "./queue.js";
import { Session } from "./session.js";
import { Stage } from "./stage.js";
import { Trials } from "./trials.js";

const apps = new WeakMap();

export default function (component) {
  const root = component.parentElement;
  if (!apps.has(root)) apps.set(root, new Review(root));
  const app = apps.get(root);
  app.update(component);
  return () => app.leave();
}

class Review {
  constructor(root) {
    this.part = (name) => root.querySelector(`.${name}`);
    this.house = this.part("review");
    this.selected = new Set();
    this.broken = new Set();
    this.view = "grid";
    this.pictures = new Pictures((id) => id === this.current && this.drawSoon());
    this.grid = new Grid(this.part("scroller"), this);
    this.stage = new Stage(this.part("stage"), this);
    this.panel = new Panel(this.part("panel"), this);
    this.bulk = new Bulk(this.part("sheet"), this);
    this.trials = new Trials(this.part("trial"), this);
    this.part("help").addEventListener("close", () => this.refocus());
    this.house.addEventListener("keydown", (event) => event.stopPropagation()); // Streamlit acts on plain keys too (C, R)
    this.onKey = (event) => this.keyPressed(event);
    this.onSettled = (event) => this.settled(event);
    this.onResize = () => this.fitHeight();
    this.onFull = () => !document.fullscreenElement && this.filled && this.fill(false);
  }

  update({ data, setTriggerValue }) {
    this.data = data;
    this.trigger = setTriggerValue;
    this.outbox = outboxFor(data.user, data.decisions);
    this.outbox.listeners.add(this.onSettled);
    this.session ??= new Session(data.user);
    document.addEventListener("keydown", this.onKey, true);
    window.addEventListener("resize", this.onResize);
    document.addEventListener("fullscreenchange", this.onFull);
    if (this.asked !== data.queue) this.open();
    this.fitHeight();
    this.draw();
  }

  /** Begin with the images of the filter, where this tab stood last if it is the same filter. */
  open() {
    this.asked = this.data.queue;
    this.queue?.close();
    this.claims?.close();
    this.selected.clear();
    this.current = undefined;
    this.queue = new Queue(this.data, () => this.arrived());
    this.claims = new Claims(this.data.may_decide && this.data.waiting ? this.data.claims : "", () => this.drawSoon());
    this.part("scroller").scrollTop = 0;
    this.queue.ensure(0);
  }

  arrived() {
    if (this.current === undefined && this.queue.items.length) {
      this.focus(this.next(-1) ?? this.queue.items[0].id, this.nobodyHasFocus());
      this.fitHeight();
    }
    this.drawSoon();
  }

  leave() {
    this.outbox.listeners.delete(this.onSettled);
    document.removeEventListener("keydown", this.onKey, true);
    window.removeEventListener("resize", this.onResize);
    document.removeEventListener("fullscreenchange", this.onFull);
    this.claims.release();
  }

  // ---- drawing ----

  drawSoon() {
    this.frame ??= requestAnimationFrame(() => {
      this.frame = null;
      this.draw();
    });
  }

  draw() {
    const { item } = this;
    const empty = this.queue.done && !this.queue.items.length;
    this.part("scroller").hidden = this.view !== "grid" || empty;
    this.part("stage").hidden = this.view !== "single" || !item;
    this.part("nothing").hidden = !empty;
    redraw(this.part("nothing"), h("p", {}, this.data.labels.empty), h("button", { type: "button", onclick: () => this.again() }, this.data.labels.look_again));
    this.house.dataset.view = this.view;
    this.house.toggleAttribute("data-busy", !this.queue.items.length && !this.queue.done);
    this.panel.draw(item);
    if (this.view === "grid") this.grid.draw();
    else this.stage.draw(item);
    redraw(this.part("bar"), ...drawBar(this).filter(Boolean));
  }

  /** The light table ends where the window ends, so that only its own parts scroll. */
  fitHeight() {
    const main = document.querySelector("[data-testid=stMain]");
    const top = this.house.getBoundingClientRect().top + (main?.scrollTop ?? 0);
    this.house.style.setProperty("--room", `${Math.max(window.innerHeight - top - 10, 420)}px`);
  }

  setView(view) {
    this.view = view;
    this.movedAt = performance.now();
    this.draw();
    if (view === "grid") {
      this.grid.layout();
      this.grid.reveal(this.place);
    }
    this.refocus();
  }

  // ---- where the reviewer is ----

  get item() {
    return this.queue.get(this.current);
  }

  get place() {
    return this.queue.places.get(this.current) ?? -1;
  }

  focus(id, hold = true) {
    if (!this.queue.places.has(id)) return;
    if (id !== this.current) {
      this.panel.choosing = false;
      this.movedAt = performance.now();
    }
    this.current = id;
    this.pictures.ahead(this.queue.items.slice(this.place, this.place + 14).filter((item) => !this.closed(item.id)));
    if (this.view === "grid") this.grid.reveal(this.place);
    this.draw();
    if (hold) this.refocus();
    this.claim();
  }

  refocus() {
    if (this.view === "grid") this.grid.focus(this.current);
    else this.part("stage").focus({ preventScroll: true });
  }

  nobodyHasFocus() {
    return document.activeElement === document.body || document.activeElement === null;
  }

  move(step, selecting = false) {
    const to = Math.min(Math.max(this.place + step, 0), this.queue.items.length - 1);
    if (selecting) this.selectRange(this.place, to);
    this.moveTo(to);
  }

  moveTo(place) {
    this.focus(this.queue.items[place]?.id);
  }

  /** The next image that waits for a decision of this person, after the place and then from the start. */
  next(place = this.place) {
    const { items } = this.queue;
    const open = (item) => !this.closed(item.id) && item.may.length > 0 && this.claims.takenBy(item.id) === undefined;
    for (let at = place + 1; at < items.length; at += 1) if (open(items[at])) return items[at].id;
    for (let at = 0; at < place; at += 1) if (open(items[at])) return items[at].id;
    return undefined;
  }

  closed(id) {
    return ["pending", "saved"].includes(this.outcome(id)?.phase);
  }

  claim() {
    clearTimeout(this.claiming);
    this.claiming = setTimeout(() => {
      const ahead = this.queue.items.slice(Math.max(this.place, 0), this.place + 40);
      this.claims.moveTo(ahead.filter((item) => !this.closed(item.id) && item.may.includes("approve")).map((item) => item.id));
    }, 120);
  }

  /** What was decided here, unless the row is newer by now. */
  outcome(id) {
    const outcome = this.outbox.outcomes.get(id);
    return outcome?.phase === "undone" ? undefined : outcome;
  }

  left() {
    if (this.queue.left === null) return null;
    return Math.max(this.queue.left - this.queue.items.filter((item) => this.closed(item.id) && !this.queue.counted.has(item.id)).length, 0);
  }

  allDecided() {
    const { queue, outbox } = this;
    return this.data.waiting && queue.done && queue.items.length > 0 && !outbox.waiting.length && this.next(-1) === undefined && queue.items.some((item) => this.closed(item.id));
  }

  /** Look at the filter anew: decided images are gone, others may have come. */
  again() {
    this.asked = null;
    this.update({ data: this.data, setTriggerValue: this.trigger });
    this.trigger("next", Date.now());
  }

  // ---- deciding ----

  /** Why an image may not be decided on like this; empty when it may. `ahead`: it will be displayed before. */
  refusal(action, item = this.item, ahead = false) {
    const { labels, locks } = this.data;
    if (!item) return labels.nothing_here;
    if (this.closed(item.id)) return labels.decided_already;
    if (!item.may.includes(action)) return locks[item.locked] ?? labels.not_now;
    const other = this.claims.takenBy(item.id);
    if (other !== undefined) return this.say_(labels.with_person_long, { name: other });
    if (action === "approve" && (item.damaged || this.broken.has(item.id))) return labels.damaged;
    return ahead || this.pictures.seen(item) ? "" : labels.not_displayed;
  }

  choose(choosing) {
    const refusal = choosing && this.refusal("reject");
    if (refusal) return this.say(refusal, true);
    this.panel.choosing = choosing;
    this.draw();
    if (!choosing) this.refocus();
  }

  decide(action, reason = null) {
    const { item } = this;
    const refusal = this.refusal(action);
    if (refusal) return this.say(refusal, true);
    const comment = action === "reject" ? (this.panel.comments.get(item.id) ?? "").trim() : "";
    this.panel.choosing = false;
    const seen = { asset_id: item.id, revision: item.revision, seen_sha256: item.sha256 };
    const key = this.outbox.add(action, [seen], { reason, comment });
    this.session.add(key, [item.id], false);
    this.say(`${this.data.labels.marks[action]}: ${this.altOf(item)}`);
    this.selected.delete(item.id);
    this.focus(this.next() ?? this.current);
  }

  approveMany(items) {
    const seen = items.map((item) => ({ asset_id: item.id, revision: item.revision, seen_sha256: item.sha256 }));
    const key = this.outbox.addMany(seen);
    this.session.add(key, items.map((item) => item.id), true);
    this.say(fill(this.data.labels.approved_n, { n: items.length }, this.data.locale), true);
    this.selected.clear();
    this.focus(this.next() ?? this.current);
  }

  undo() {
    const last = this.session.pop();
    if (!last) return this.say(this.data.labels.nothing_to_undo, true);
    if (!this.outbox.recall(last.key)) this.outbox.add("undo", last.items.map((asset_id) => ({ asset_id })), { bulk: last.bulk });
    this.say(this.data.labels.undone);
    if (this.queue.places.has(last.items[0])) this.focus(last.items[0]);
    else this.draw();
  }

  /** What the server said of an entry: a refused one never was a decision, a refused undo leaves it one. */
  settled(event) {
    if (event) {
      const ids = event.entry.items.map((item) => item.asset_id);
      const undone = event.entry.action === "undo";
      if (!event.ok && !undone) this.session.drop(event.entry.idempotency_key);
      if (!event.ok && undone) this.session.add(event.entry.idempotency_key, ids, event.entry.bulk);
      if (!event.ok) this.say(event.message, true);
      for (const id of ids) {
        this.claims.forget(id);
        const item = this.queue.get(id);
        const outcome = this.outbox.outcomes.get(id);
        if (item && outcome?.revision !== undefined) Object.assign(item, { revision: outcome.revision });
        if (item && (undone || !event.ok)) this.queue.panel(id).then(() => this.drawSoon());
      }
    }
    this.drawSoon();
  }

  /** The large picture did not come: its bytes are gone or changed, and it is not decided unseen. */
  notShown(item) {
    this.broken.add(item.id);
    this.drawSoon();
  }

  // ---- selecting ----

  select(id, range = false) {
    if (id === undefined) return;
    if (range && this.anchor !== undefined) this.selectRange(this.queue.places.get(this.anchor), this.queue.places.get(id));
    else if (!this.selected.delete(id)) this.selected.add(id);
    this.anchor = id;
    this.say(fill(this.data.labels.n_selected, { n: this.selected.size }, this.data.locale));
    this.draw();
  }

  selectRange(from, to) {
    for (let at = Math.min(from, to); at <= Math.max(from, to); at += 1) this.selected.add(this.queue.items[at].id);
  }

  selectNone() {
    this.selected.clear();
    this.draw();
    this.refocus();
  }

  clicked(id, event) {
    if (event.shiftKey) this.select(id, true);
    else if (event.ctrlKey || event.metaKey) this.select(id);
    else this.anchor = id;
    this.focus(id);
  }

  ticked(id, event) {
    event.stopPropagation();
    this.select(id, event.shiftKey);
    this.focus(id);
  }

  // ---- looking ----

  compare() {
    if (!this.photosOf(this.item)) return this.say(this.data.labels.no_photo, true);
    if (this.view === "grid") this.stage.compare = "off";
    this.stage.nextCompare();
    this.setView("single");
  }

  photosOf(item) {
    return this.stage.photosOf(item).length > 0;
  }

  /** F: what is zoomed fits again, and then the gallery fills the screen. */
  fitOrFill() {
    if (this.view === "single" && this.stage.scale > 1) this.stage.fit();
    else this.fill();
  }

  fill(filled = !this.filled) {
    this.filled = filled;
    this.house.classList.toggle("filled", filled);
    if (filled) this.house.requestFullscreen?.().catch(() => {}); // where the browser forbids it, it fills the window
    else if (document.fullscreenElement) document.exitFullscreen().catch(() => {});
    this.draw();
    this.refocus();
  }

  escape() {
    if (this.view === "single") this.setView("grid");
    else if (this.selected.size) this.selectNone();
    else if (this.filled) this.fill(false);
  }

  help() {
    showHelp(this.part("help"), this.data.labels, this.data.keys);
  }

  // ---- talking ----

  async people() {
    this.names ??= this.data.people ? ((await this.queue.ask(this.data.people)) ?? []).map((person) => person.name ?? person) : [];
    return this.names;
  }

  /** Returns why the comment was not kept; empty when it was. */
  async comment(id, text) {
    try {
      const response = await fetch(this.data.comments.replace("{id}", id), {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ text }),
      });
      return response.ok ? "" : ((await response.json()).message ?? `HTTP ${response.status}`);
    } catch {
      return this.data.labels.comment_waits;
    }
  }

  /** Tell a screen reader, and with `loud` everybody for a moment. */
  say(text, loud = false) {
    if (!text) return;
    this.part("announce").textContent = text;
    if (!loud) return;
    const toast = this.part("toast");
    toast.textContent = text;
    toast.hidden = false;
    clearTimeout(this.toasting);
    this.toasting = setTimeout(() => (toast.hidden = true), 2500 + text.length * 40);
  }

  // ---- words ----

  say_(label, values) {
    return fill(label, values, this.data.locale);
  }

  count(label, n) {
    return fill(this.data.labels[label], { n }, this.data.locale);
  }

  term(value) {
    return value ? (this.data.terms[value] ?? value) : "";
  }

  kindOf(item) {
    return [this.term(item.category), this.term(item.colour)].filter(Boolean).join(" · ");
  }

  titleOf(item) {
    return item.title || this.kindOf(item);
  }

  altOf(item) {
    return this.say_(this.data.labels.alt, { title: this.titleOf(item), kind: this.kindOf(item) });
  }

  moment(at) {
    return new Intl.DateTimeFormat(this.data.locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
  }

  /** How long ago, in its largest unit. */
  since(at) {
    const minutes = Math.max((Date.now() - new Date(at)) / 60000, 1);
    const [n, unit] = minutes < 90 ? [minutes, "minute"] : minutes < 36 * 60 ? [minutes / 60, "hour"] : [minutes / 1440, "day"];
    return new Intl.NumberFormat(this.data.locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 0 }).format(n);
  }

  // ---- keys ----

  keyPressed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    const path = event.composedPath();
    const inside = path.includes(this.house);
    if (!inside && !(this.nobodyHasFocus() && !document.querySelector("[role=dialog]"))) return;
    if (path.some((node) => node.tagName === "DIALOG")) return;
    const typing = path[0].matches?.("input:not([type=range]), textarea");
    if (typing && !(event.key === "Escape" && this.panel.choosing)) return;
    if (!handleKey(this, event)) return;
    event.preventDefault();
    event.stopPropagation();
  }
}
