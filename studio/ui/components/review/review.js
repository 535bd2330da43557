// Review: a light table of what waits, a large view, and a panel to decide. It is fed by URLs (`data.queue` and others);
// the texts come with the page's data. Decisions go out in the background, see outbox.js.

import { h, redraw, showHelp } from "../dom.js";
import { drawBar } from "./bar.js";
import { Bulk } from "./bulk.js";
import { Claims } from "./claims.js";
import { Decisions } from "./decisions.js";
import { Grid } from "./grid.js";
import { Handing } from "./handing.js";
import { keyPressed } from "./keys.js";
import { outboxFor } from "./outbox.js";
import { Panel } from "./panel.js";
import { Pictures, thumbnail } from "./pictures.js";
import { Queue } from "./queue.js";
import { Selection } from "./selection.js";
import { Session } from "./session.js";
import { Stage } from "./stage.js";
import { Trials } from "./trials.js";
import { Words } from "./words.js";

const AGAIN_MS = 2000;
const GONE = new Set([404, 409]);

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
    this.selection = new Selection(this);
    this.broken = new Set(); // ids whose bytes are gone or changed
    this.absent = new Set(); // ids whose large picture did not come just now
    this.view = "grid";
    this.pictures = new Pictures((id) => id === this.current && this.panel.shown());
    this.grid = new Grid(this.part("scroller"), this);
    this.stage = new Stage(this.part("stage"), this);
    this.panel = new Panel(this.part("panel"), this);
    this.bulk = new Bulk(this.part("sheet"), this);
    this.trials = new Trials(this);
    this.handing = new Handing(this);
    this.decisions = new Decisions(this);
    this.words = new Words(() => this.data);
    this.part("help").addEventListener("close", () => this.refocus());
    this.house.addEventListener("keydown", (event) => event.stopPropagation()); // Streamlit acts on plain keys too (C, R)
    this.onKey = (event) => keyPressed(this, event);
    this.onSettled = (event) => this.decisions.settled(event);
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
    this.queue = new Queue(this.data, () => this.arrived(), () => this.session.decided - this.outbox.waiting.length);
    this.claims = new Claims(this.data.may_decide && this.data.waiting ? this.data.claims : "", () => this.drawSoon());
    this.part("scroller").scrollTop = 0;
    this.queue.ensure(0);
  }

  arrived() {
    if (this.current === undefined && this.queue.items.length) {
      const stood = this.session.stood(this.asked);
      const begin = this.queue.places.has(stood) && !this.closed(stood) ? stood : (this.next(-1) ?? this.queue.items[0].id);
      this.focus(begin, this.nobodyHasFocus());
      this.fitHeight();
    }
    this.drawSoon();
  }

  leave() {
    this.decisions.leave();
    this.outbox.listeners.delete(this.onSettled);
    document.removeEventListener("keydown", this.onKey, true);
    window.removeEventListener("resize", this.onResize);
    document.removeEventListener("fullscreenchange", this.onFull);
    this.claims.release();
  }

  // ---- drawing ----

  drawSoon() {
    this.frame ??= requestAnimationFrame(() => this.draw());
  }

  draw() {
    cancelAnimationFrame(this.frame);
    this.frame = null;
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
    this.session.stand(this.asked, id);
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
    if (selecting) this.selection.add(this.place, to);
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

  /** How many are left: as counted, less what was decided here since. */
  left() {
    const { left, decidedThen } = this.queue;
    return left === null ? null : Math.max(left - (this.session.decided - decidedThen), 0);
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

  /** The large picture did not come, and it is not decided unseen. Either its bytes are gone or changed, as the server
   * then says, or the way to them is cut: then it is fetched again until it comes. */
  async notShown(item) {
    if (this.absent.has(item.id)) return;
    this.absent.add(item.id);
    const status = await fetch(thumbnail(item.sha256, 640)).then((answer) => answer.status, () => 0);
    if (GONE.has(status)) this.broken.add(item.id);
    this.drawSoon();
    setTimeout(() => {
      this.absent.delete(item.id);
      if (item.id === this.current && !this.broken.has(item.id)) this.drawSoon();
    }, AGAIN_MS);
  }

  get selected() {
    return this.selection.ids;
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
    else if (this.selected.size) this.selection.none();
    else if (this.filled) this.fill(false);
  }

  help() {
    showHelp(this.part("help"), this.data.labels, this.data.keys);
  }

  // ---- telling ----

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
}
