// The large view of one image, beside the real photo where there is one.

class Viewer {
  constructor(dialog, close) {
    this.dialog = dialog;
    dialog.addEventListener("close", close);
    dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  }

  get open() {
    return this.dialog.open;
  }

  show(item, labels, compare) {
    const figures = [h("figure", {}, h("img", { src: item.image, alt: item.alt }), this.caption(item.title, item.caption))];
    if (compare && item.photo)
      figures.push(h("figure", {}, h("img", { src: item.photo, alt: labels.photo }), this.caption(labels.photo, "")));
    this.dialog.setAttribute("aria-label", item.alt);
    this.dialog.replaceChildren(
      h("div", { class: "figures" }, figures),
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

/** The list of keys, drawn once it is asked for. */
function showHelp(dialog, data) {
  dialog.setAttribute("aria-label", data.labels.keys);
  dialog.replaceChildren(
    h("h2", {}, data.labels.keys),
    h(
      "dl",
      {},
      data.keys.map(([keys, meaning]) => [h("dt", {}, keys.split(" ").map((key) => h("kbd", {}, key))), h("dd", {}, meaning)]),
    ),
    h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, data.labels.close),
  );
  dialog.showModal();
}
