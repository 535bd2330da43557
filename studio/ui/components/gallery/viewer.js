// The large view of one image.

import { h } from "../dom.js";

export class Viewer {
  constructor(dialog, close) {
    this.dialog = dialog;
    dialog.addEventListener("close", close);
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }

  get open() {
    return this.dialog.open;
  }

  show(item, labels) {
    const figure = h("figure", {}, h("img", { src: item.image, alt: item.alt }), this.caption(item.title, item.caption));
    this.dialog.setAttribute("aria-label", item.alt);
    this.dialog.replaceChildren(
      h("div", { class: "figures" }, figure),
      h("button", { class: "close", type: "button", onclick: () => this.dialog.close(), "aria-label": labels.close }, "×"),
    );
    if (!this.dialog.open) this.dialog.showModal();
    this.dialog.querySelector(".close").focus(); // what had the focus was replaced, and keys go where the focus is
  }

  caption(title, text) {
    return h("figcaption", {}, h("strong", {}, title), text ? ` · ${text}` : "");
  }

  close() {
    this.dialog.close();
  }
}
