// Names, times and sentences of the gallery, in the visitor's language.

import { fill } from "../dom.js";

export class Words {
  /** `data`: returns what the page sent last. */
  constructor(data) {
    this.data = data;
  }

  get locale() {
    return this.data().locale;
  }

  /** The label of this name with its {names} filled in. */
  label(name, values = {}) {
    return this.fill(this.data().labels[name], values);
  }

  fill(text, values) {
    return fill(text, values, this.locale);
  }

  /** A category, colour or usage as the visitor's language names it. */
  term(value) {
    return value ? (this.data().terms[value] ?? value) : "";
  }

  kind(item) {
    return [this.term(item.category), this.term(item.colour)].filter(Boolean).join(" · ");
  }

  title(item) {
    return item.title || this.kind(item);
  }

  alt(item) {
    return this.label("alt", { title: this.title(item), kind: this.kind(item) });
  }

  moment(at) {
    return new Intl.DateTimeFormat(this.locale, { dateStyle: "medium", timeStyle: "short" }).format(new Date(at));
  }

  percent(share) {
    return share.toLocaleString(this.locale, { style: "percent" });
  }

  /** How long ago, in its largest unit. */
  since(at) {
    const minutes = Math.max((Date.now() - new Date(at)) / 60000, 1);
    const [n, unit] = minutes < 90 ? [minutes, "minute"] : minutes < 36 * 60 ? [minutes / 60, "hour"] : [minutes / 1440, "day"];
    return new Intl.NumberFormat(this.locale, { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 0 }).format(n);
  }
}
