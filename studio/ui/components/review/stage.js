// The single view: one image large, zoomed and moved by wheel, drag and pinch; beside the real photo, or under it as on
// an onion skin. Both always show the same part.

import { h, icon, redraw } from "../dom.js";
import { original, thumbnail } from "./pictures.js";

const MOST = 12;
const STRIP = 9; // neighbours on each side in the strip
const SWIPE = 60;

export class Stage {
  constructor(place, app) {
    this.app = app;
    this.scale = 1;
    this.x = this.y = 0; // shares of the frame, so that both frames move alike whatever their size
    this.compare = "off"; // off | beside | skin
    this.skin = 0.5;
    this.photo = 0;
    this.touches = new Map();
    this.made = h("img", { class: "plane", draggable: "false" });
    this.real = h("img", { class: "plane", draggable: "false" });
    this.frames = h(
      "div",
      { class: "frames" },
      h("figure", { class: "frame made" }, this.made, (this.madeNote = h("figcaption", {}))),
      (this.realFrame = h("figure", { class: "frame real" }, this.real, (this.realNote = h("figcaption", {})))),
    );
    this.tools = h("div", { class: "stage-bar" });
    this.strip = h("div", { class: "strip" });
    place.append(this.frames, this.tools, this.strip);
    this.listen();
  }

  listen() {
    const { frames } = this;
    frames.addEventListener("wheel", (event) => (event.preventDefault(), this.zoomAt(event, Math.exp(-event.deltaY / 400))), { passive: false });
    frames.addEventListener("dblclick", (event) => (this.scale > 1 ? this.fit() : this.zoomAt(event, 3)));
    frames.addEventListener("pointerdown", (event) => this.down(event));
    frames.addEventListener("pointermove", (event) => this.moved(event));
    for (const end of ["pointerup", "pointercancel"]) frames.addEventListener(end, (event) => this.up(event));
  }

  down(event) {
    if (event.button > 0) return;
    this.frames.setPointerCapture(event.pointerId);
    this.touches.set(event.pointerId, { x: event.clientX, y: event.clientY });
    this.from = { x: event.clientX, y: event.clientY, type: event.pointerType };
  }

  moved(event) {
    const before = this.touches.get(event.pointerId);
    if (!before) return;
    const spread = () => {
      const [a, b] = [...this.touches.values()];
      return b && Math.hypot(a.x - b.x, a.y - b.y);
    };
    const old = spread();
    this.touches.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (this.touches.size === 2) this.zoomAt(event, spread() / old);
    else if (this.scale > 1) {
      const { width, height } = this.frames.firstChild.getBoundingClientRect();
      this.x += (event.clientX - before.x) / width;
      this.y += (event.clientY - before.y) / height;
      this.lay();
    }
  }

  /** A swipe over a picture that fits leads to the next or the one before. */
  up(event) {
    const alone = this.touches.size === 1 && this.touches.delete(event.pointerId);
    this.touches.delete(event.pointerId);
    const [dx, dy] = [event.clientX - this.from?.x, event.clientY - this.from?.y];
    if (!alone || this.scale > 1 || this.from.type !== "touch" || Math.abs(dx) < SWIPE || Math.abs(dx) < 2 * Math.abs(dy)) return;
    this.app.move(dx < 0 ? 1 : -1);
  }

  /** Zoom so that what lies under the pointer stays there. */
  zoomAt(event, factor) {
    const frame = event.target.closest?.(".frame") ?? this.frames.firstChild;
    const { left, top, width, height } = frame.getBoundingClientRect();
    const at = { x: (event.clientX - left) / width - 0.5, y: (event.clientY - top) / height - 0.5 };
    const scale = Math.min(Math.max(this.scale * factor, 1), MOST);
    this.x = at.x - ((at.x - this.x) * scale) / this.scale;
    this.y = at.y - ((at.y - this.y) * scale) / this.scale;
    this.scale = scale;
    this.lay();
  }

  zoom(factor) {
    this.scale = Math.min(Math.max(this.scale * factor, 1), MOST);
    this.lay();
  }

  fit() {
    this.scale = 1;
    this.lay();
  }

  lay() {
    const most = (this.scale - 1) / 2;
    this.x = Math.min(Math.max(this.x, -most), most);
    this.y = Math.min(Math.max(this.y, -most), most);
    for (const plane of [this.made, this.real])
      plane.style.transform = `translate(${this.x * 100}%, ${this.y * 100}%) scale(${this.scale})`;
    this.frames.classList.toggle("zoomed", this.scale > 1);
    this.drawTools();
  }

  /** Off, beside each other, one over the other. */
  nextCompare() {
    const item = this.app.item;
    if (!this.photosOf(item).length) return this.app.say(this.app.data.labels.no_photo, true);
    this.compare = { off: "beside", beside: "skin", skin: "off" }[this.compare];
    this.draw(item);
  }

  photosOf(item) {
    const panel = this.app.panel.known(item?.id);
    return panel?.photos?.length ? panel.photos : item?.photo ? [item.photo] : [];
  }

  draw(item) {
    if (!item) return;
    if (this.shown !== item.id) {
      this.photo = 0;
      this.scale = 1;
      this.x = this.y = 0;
    }
    const photos = this.photosOf(item);
    const compare = photos.length ? this.compare : "off";
    this.frames.dataset.compare = compare;
    this.show(item);
    this.realFrame.hidden = compare === "off";
    const photo = photos[Math.min(this.photo, photos.length - 1)];
    if (compare !== "off" && this.real.dataset.sha256 !== photo) {
      this.real.src = thumbnail(photo, 640);
      this.real.dataset.sha256 = photo;
      this.real.alt = this.app.data.labels.photo;
    }
    this.real.style.opacity = compare === "skin" ? this.skin : 1;
    this.madeNote.textContent = `${this.app.data.labels.generated} · ${item.width} × ${item.height} px`;
    this.realNote.textContent = this.app.data.labels.photo;
    this.lay();
    this.drawStrip(item);
  }

  /** First what is at hand, then every pixel. */
  show(item) {
    const again = this.missed && !this.app.absent.has(item.id);
    if (this.shown === item.id && this.made.dataset.sha256 === item.sha256 && !again) return;
    const since = this.app.movedAt;
    this.shown = item.id;
    this.missed = false;
    this.made.dataset.sha256 = item.sha256;
    this.made.alt = this.app.words.alt(item);
    const quick = this.app.pictures.of(item.sha256);
    const small = Math.max(item.width, item.height) <= 640; // then the quick one is exact
    const here = () => this.shown === item.id;
    const put = (source) => {
      this.made.src = source;
      this.made.decode().then(
        () => here() && this.app.pictures.onScreen(item, this.made, since),
        () => here() && this.made.src === quick.image.src && ((this.missed = true), this.app.notShown(item)), // not when the whole one overtook it
      );
    };
    put(quick.image.src);
    if (!small) {
      const whole = new Image();
      whole.src = original(item.id);
      whole.decode().then(() => here() && (this.made.src = whole.src), () => {});
    }
  }

  drawTools() {
    const { labels, locale } = this.app.data;
    const photos = this.photosOf(this.app.item);
    const button = (label, text, act, more = {}) => h("button", { type: "button", class: "tool", "aria-label": label, title: label, onclick: act, ...more }, text);
    const compare = (kind, label) =>
      h("button", { type: "button", class: "tool wide", "aria-pressed": this.compare === kind, disabled: !photos.length, onclick: () => ((this.compare = kind), this.draw(this.app.item)) }, label);
    const scale = Math.round(this.scale * 100);
    redrawTools(this.tools, [
      button(labels.previous, icon("previous"), () => this.app.move(-1)),
      button(labels.following, icon("following"), () => this.app.move(1)),
      h("span", { class: "between" }),
      button(labels.zoom_out, "−", () => this.zoom(1 / 1.5), { disabled: this.scale <= 1 }),
      h("span", { class: "scale" }, `${scale.toLocaleString(locale)} %`),
      button(labels.zoom_in, "+", () => this.zoom(1.5)),
      h("button", { type: "button", class: "tool wide", onclick: () => this.fit(), disabled: this.scale <= 1 }, labels.fit),
      h("span", { class: "between" }),
      h("span", { class: "set", role: "group", "aria-label": labels.compare }, compare("off", labels.alone), compare("beside", labels.beside), compare("skin", labels.skin)),
      this.compare === "skin" && photos.length
        ? h("input", { type: "range", min: "0", max: "1", step: "0.01", value: this.skin, "aria-label": labels.skin_share, oninput: (event) => ((this.skin = Number(event.target.value)), (this.real.style.opacity = this.skin)) })
        : null,
      this.compare !== "off" && photos.length > 1
        ? photos.map((sha256, at) =>
            h("button", { type: "button", class: "thumb", "aria-pressed": at === this.photo, "aria-label": this.app.words.label("photo_of", { n: at + 1, of: photos.length }), onclick: () => ((this.photo = at), this.draw(this.app.item)) }, h("img", { src: thumbnail(sha256, 160), alt: "" })),
          )
        : null,
      h("span", { class: "gap" }),
      h("button", { type: "button", class: "tool wide", "aria-keyshortcuts": "Z", onclick: () => this.app.setView("grid") }, labels.grid),
    ]);
  }

  drawStrip(item) {
    const { queue } = this.app;
    const at = queue.places.get(item.id);
    const near = queue.items.slice(Math.max(at - STRIP, 0), at + STRIP + 1);
    const drawn = near.map((one) => {
      const outcome = this.app.outcome(one.id);
      return h(
        "button",
        { type: "button", class: "thumb", "data-id": one.id, "data-outcome": outcome?.phase ?? "", "data-action": outcome?.action ?? "", "aria-current": one.id === item.id, "aria-label": this.app.words.alt(one), onclick: () => this.app.focus(one.id) },
        h("img", { src: thumbnail(one.sha256, 160), alt: "" }),
      );
    });
    redraw(this.strip, ...drawn);
    queue.ensure(at);
    this.strip.querySelector("[aria-current=true]")?.scrollIntoView({ inline: "center", block: "nearest" });
  }
}

/** The tools anew, without taking the slider away from under the finger that moves it. */
function redrawTools(place, parts) {
  const drawn = h("div", {}, parts);
  const bare = (node) => node.innerHTML.replace(/ value="[^"]*"/g, "");
  if (bare(drawn) !== bare(place)) place.replaceChildren(...drawn.childNodes);
}
