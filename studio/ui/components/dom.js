// Small pieces that the components of the pages stand on.

/** An element with attributes, listeners (`onclick`) and children; empty children are left out. */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined) continue;
    if (name.startsWith("aria-")) element.setAttribute(name, value);
    else if (value === false) continue;
    else if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** A label with its {names} filled in; numbers are written in the visitor's way. */
export function fill(label, values, locale) {
  return label.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? value.toLocaleString(locale) : String(value);
  });
}

/** A button with a visible key, whose accessible name is the label alone. */
export function keyButton(label, key, onclick, attributes = {}) {
  return h(
    "button",
    { type: "button", onclick, "aria-keyshortcuts": key || null, ...attributes },
    h("span", {}, label),
    key ? h("kbd", { "aria-hidden": "true" }, key) : null,
  );
}

const ICONS = {
  full: "M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5",
  leave: "M9 4v5H4M15 4v5h5M9 20v-5H4M15 20v-5h5",
  previous: "M15 5l-7 7 7 7",
  following: "M9 5l7 7-7 7",
};

/** A line drawing of 18 pixels in the colour of the text; the button around it has the name. */
export function icon(name) {
  const place = h("span", { class: "icon", "aria-hidden": "true" });
  place.innerHTML = `<svg viewBox="0 0 24 24" width="18" height="18" fill="none" stroke="currentColor" stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round"><path d="${ICONS[name]}"/></svg>`;
  return place;
}

/** A state as a small coloured dot with a word. */
export function dot(tone, word) {
  return h("span", { class: `dot ${tone}` }, word);
}

/** Puts `parts` into `place` unless they are what stands there: what is replaced under the pointer loses its click. */
export function redraw(place, ...parts) {
  const drawn = h("div", {}, ...parts);
  if (drawn.innerHTML === place.innerHTML) return false;
  place.replaceChildren(...drawn.childNodes);
  return true;
}

/** The list of keys, drawn once it is asked for. */
export function showHelp(dialog, labels, keys) {
  dialog.setAttribute("aria-label", labels.keys);
  dialog.replaceChildren(
    h("h2", {}, labels.keys),
    h(
      "dl",
      {},
      keys.map(([names, meaning]) => [h("dt", {}, names.split(" ").map((key) => h("kbd", {}, key))), h("dd", {}, meaning)]),
    ),
    h("button", { type: "button", class: "primary", onclick: () => dialog.close() }, labels.close),
  );
  dialog.showModal();
}

/** 32 random hex digits. `crypto.randomUUID` exists on https and localhost alone; a studio may stand in a plain network. */
export function freshKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
