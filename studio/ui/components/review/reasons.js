// Why an image is rejected: the reasons by family, each with its key, and a comment for its maker.

import { fill, h, keyButton } from "../dom.js";

const MOST = 2000;

export function drawReasons(place, app, item) {
  const { labels, families, locale } = app.data;
  const left = h("span", { class: "letters" });
  const comment = h("textarea", {
    rows: "1",
    maxlength: String(MOST),
    placeholder: labels.comment,
    "aria-label": labels.comment,
    oninput: (event) => {
      app.panel.comments.set(item.id, event.target.value);
      left.textContent = event.target.value.length > MOST * 0.8 ? fill(labels.letters_left, { n: MOST - event.target.value.length }, locale) : "";
    },
    onkeydown: (event) => event.key !== "Escape" && event.stopPropagation(),
  });
  comment.value = app.panel.comments.get(item.id) ?? "";
  place.replaceChildren(
    h(
      "div",
      { class: "reasons", role: "group", "aria-label": labels.why },
      h("p", { class: "why" }, h("span", {}, labels.why), keyButton(labels.cancel, "Esc", () => app.decisions.choose(false), { class: "quiet" })),
      families.map(([family, reasons]) => [
        h("p", { class: "family" }, family),
        h("div", { class: "choices" }, reasons.map((reason) => keyButton(reason.label, reason.key.toUpperCase(), () => app.decisions.decide("reject", reason.id)))),
      ]),
      comment,
      left,
    ),
  );
}
