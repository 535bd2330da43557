// What people say about an image: plain text, with @names completed from the team.

import { freshKey, h } from "../dom.js";

const MOST = 2000;

/** The text as it was typed, with the names that it mentions set off; markup stays text. */
export function marked(text, names) {
  const found = [...names].sort((a, b) => b.length - a.length).map((name) => `@${name}`);
  const parts = [];
  let rest = text;
  while (rest) {
    const at = found.map((name) => [rest.indexOf(name), name]).filter(([place]) => place >= 0).sort((a, b) => a[0] - b[0])[0];
    if (!at) break;
    parts.push(rest.slice(0, at[0]), h("mark", {}, at[1]));
    rest = rest.slice(at[0] + at[1].length);
  }
  return [...parts, rest];
}

export function drawField(app, item) {
  const { labels } = app.data;
  let key = freshKey(); // sent again after a lost answer, it counts once
  const offered = h("ul", { class: "names", role: "listbox", id: "names", "aria-label": labels.people, hidden: true });
  const failed = h("p", { class: "notice bad", role: "alert", hidden: true });
  const field = h("textarea", {
    rows: "1",
    maxlength: String(MOST),
    placeholder: labels.say_something,
    "aria-label": labels.say_something,
    "aria-controls": "names",
    "aria-autocomplete": "list",
    oninput: () => offer(),
    onblur: (event) => (offered.hidden = !offered.contains(event.relatedTarget)),
    onkeydown: (event) => {
      event.stopPropagation();
      if (!offered.hidden && ["Tab", "Enter"].includes(event.key)) {
        event.preventDefault();
        offered.querySelector("button")?.click();
      } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) send();
      else if (event.key === "Escape") app.refocus();
    },
  });
  const begun = () => field.value.slice(0, field.selectionStart).match(/(^|\s)@([^@\n]{0,30})$/)?.[2];
  const offer = async () => {
    const word = begun();
    const names = word === undefined ? [] : (await people(app)).filter((name) => name.toLowerCase().startsWith(word.toLowerCase())).slice(0, 6);
    offered.hidden = !names.length;
    field.setAttribute("aria-expanded", String(names.length > 0));
    offered.replaceChildren(...names.map((name) => h("li", { role: "presentation" }, h("button", { type: "button", role: "option", onclick: () => take(name) }, name))));
  };
  const take = (name) => {
    const at = field.selectionStart;
    const start = at - begun().length;
    field.value = `${field.value.slice(0, start)}${name} ${field.value.slice(at)}`;
    field.focus();
    field.selectionStart = field.selectionEnd = start + name.length + 1;
    offered.hidden = true;
  };
  const send = async () => {
    if (!field.value.trim()) return;
    button.disabled = true;
    const message = await comment(app, item.id, field.value, key);
    button.disabled = false;
    failed.hidden = !message;
    failed.textContent = message;
    if (message) return;
    field.value = "";
    key = freshKey();
    app.panel.ask(item, true);
    app.say(labels.said);
  };
  const button = h("button", { type: "button", onclick: send }, labels.send);
  return h("div", { class: "speak" }, field, button, offered, failed);
}

let team = null;

async function people(app) {
  team ??= (await app.queue.ask(app.data.people))?.map((person) => person.name) ?? null;
  return team ?? [];
}

/** Returns why the comment was not kept; empty when it was. */
async function comment(app, id, text, key) {
  try {
    const response = await fetch(app.data.comments.replace("{id}", id), {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify({ text, idempotency_key: key }),
    });
    return response.ok ? "" : ((await response.json()).message ?? `HTTP ${response.status}`);
  } catch {
    return app.data.labels.no_connection;
  }
}
