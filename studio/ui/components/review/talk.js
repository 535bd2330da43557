// What people say about an image: plain text, with @names completed from the team.

import { h, keyButton } from "../dom.js";

const MOST = 2000;

export function drawTalk(app, item, facts) {
  const { labels } = app.data;
  const said = facts.comments.map((comment) =>
    h("li", {}, h("span", { class: "faint" }, `${app.moment(comment.at)} · ${comment.user}`), h("span", { class: "said" }, marked(comment.text, comment.mentions ?? []))),
  );
  return [h("ol", { class: "talk", "aria-label": labels.tab_talk }, said), app.data.may_comment ? drawField(app, item) : null];
}

/** The text as it was typed, with the names that it mentions set off; markup stays text. */
function marked(text, names) {
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

function drawField(app, item) {
  const { labels, comments } = app.data;
  const offered = h("ul", { class: "names", role: "listbox", id: "names", "aria-label": labels.people, hidden: true });
  const failed = h("p", { class: "notice bad", role: "alert", hidden: true });
  const field = h("textarea", {
    rows: "2",
    maxlength: String(MOST),
    placeholder: labels.say_something,
    "aria-label": labels.say_something,
    "aria-controls": "names",
    "aria-autocomplete": "list",
    oninput: () => offer(),
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
    const names = word === undefined ? [] : (await app.people()).filter((name) => name.toLowerCase().startsWith(word.toLowerCase())).slice(0, 6);
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
    const message = await app.comment(item.id, field.value);
    button.disabled = false;
    failed.hidden = !message;
    failed.textContent = message;
    if (message) return;
    field.value = "";
    app.panel.ask(item, true);
    app.say(labels.said);
  };
  const button = keyButton(labels.send, "", send, { class: "plain" });
  void comments;
  return h("div", { class: "speak" }, field, offered, failed, button);
}
