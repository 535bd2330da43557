// Small pieces that the other files of the gallery stand on.

/** An element with attributes, listeners (`onclick`) and children; empty children are left out. */
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** A label with its {names} filled in; numbers are written in the visitor's way. */
function fill(label, values, locale) {
  return label.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    return typeof value === "number" ? value.toLocaleString(locale) : String(value);
  });
}

/** A button with a visible key, whose accessible name is the label alone. */
function keyButton(label, key, onclick, attributes = {}) {
  return h(
    "button",
    { type: "button", onclick, "aria-keyshortcuts": key || null, ...attributes },
    h("span", {}, label),
    key ? h("kbd", { "aria-hidden": "true" }, key) : null,
  );
}

/** A state as a small coloured dot with a word. */
function dot(tone, word) {
  return h("span", { class: `dot ${tone}` }, word);
}

/** The small figures of an image: passed ones quiet, others marked. */
function badges(item, hints) {
  return item.badges.map((badge) =>
    h("span", { class: `badge ${badge.tone}`, title: hints[badge.metric] }, `${badge.name} ${badge.value}`),
  );
}
