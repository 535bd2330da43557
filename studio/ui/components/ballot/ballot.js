// The ballot: two images of one brief, which is better? A key or a click each. Votes are kept in the browser until the
// server has them: a dropped connection loses none, and one that is sent twice counts once.

const ballots = new WeakMap();

export default function (component) {
  const root = component.parentElement;
  if (!ballots.has(root)) ballots.set(root, new Ballot(root));
  ballots.get(root).update(component);
  return () => {};
}

const KEYS = { 1: "left", ArrowLeft: "left", 2: "right", ArrowRight: "right", 0: "neither", ArrowDown: "neither" };
const LINGER = 220; // milliseconds for which the choice is seen before the next pair comes

class Ballot {
  constructor(root) {
    this.part = (name) => root.querySelector(`.${name}`);
    this.votes = new Map();
    this.way = [];
    this.box = this.part("ballot");
    this.box.addEventListener("keydown", (event) => this.onKey(event));
    window.addEventListener("online", () => this.flush());
  }

  update({ data, setTriggerValue }) {
    const first = !this.data;
    this.data = data;
    this.trigger = setTriggerValue;
    if (first) {
      this.slot = `ecomgan-votes-${data.user}`;
      this.waiting = JSON.parse(localStorage.getItem(this.slot) || "[]");
      this.flush();
    }
    for (const pair of data.pairs) if (pair.choice && !this.votes.has(pair.id)) this.votes.set(pair.id, pair.choice);
    for (const vote of this.waiting) this.votes.set(vote.pair_id, vote.choice);
    if (!this.pair() || (!this.lingering && this.votes.has(this.current) && !this.looking)) this.next();
    else this.draw();
    if (first) requestAnimationFrame(() => document.activeElement === document.body && this.box.focus());
  }

  pair() {
    return this.data.pairs.find((pair) => pair.id === this.current);
  }

  next() {
    this.looking = false;
    this.current = this.data.pairs.find((pair) => !this.votes.has(pair.id))?.id;
    this.draw();
    if (this.current === undefined && this.votes.size >= this.data.total) this.end();
  }

  back() {
    const last = this.way.pop();
    if (last === undefined || this.lingering) return;
    this.current = last;
    this.looking = true;
    this.draw();
  }

  choose(choice) {
    if (!this.pair() || this.lingering) return;
    const pair_id = this.current;
    this.votes.set(pair_id, choice);
    this.way.push(pair_id);
    this.waiting = this.waiting.filter((vote) => vote.pair_id !== pair_id);
    this.waiting.push({ pair_id, choice });
    this.keep();
    this.flush();
    this.lingering = true;
    this.draw();
    setTimeout(() => {
      this.lingering = false;
      this.next();
      this.box.focus({ preventScroll: true });
    }, LINGER);
  }

  onKey(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    event.stopPropagation(); // plain keys belong to the ballot, not to Streamlit's own shortcuts
    const choice = KEYS[event.key];
    if (choice || event.key === "Backspace" || event.key.toLowerCase() === "u") event.preventDefault();
    if (choice) this.choose(choice);
    else if (event.key === "Backspace" || event.key.toLowerCase() === "u") this.back();
  }

  keep() {
    localStorage.setItem(this.slot, JSON.stringify(this.waiting));
  }

  async flush() {
    if (this.sending) return;
    this.sending = true;
    while (this.waiting.length) {
      const vote = this.waiting[0];
      const answer = await this.send(vote);
      if (answer === "later") break;
      this.waiting = this.waiting.filter((other) => other !== vote);
      this.keep();
      if (answer !== "kept") this.refused = answer;
    }
    this.sending = false;
    this.draw();
    if (!this.waiting.length && this.current === undefined) this.end();
  }

  /** "kept", "later" (no connection, signed out, a busy server), or why the server refused it for good. */
  async send(vote) {
    let response;
    try {
      response = await fetch(this.data.url, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify(vote),
        keepalive: true,
      });
    } catch {
      response = { status: 503 };
    }
    this.offline = [401, 429, 502, 503, 504].includes(response.status);
    if (this.offline) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.flush(), 3000);
      return "later";
    }
    return response.ok ? "kept" : (await response.json().catch(() => ({}))).message || String(response.status);
  }

  /** Tell the page once, when all votes are with the server: it shows the result. */
  end() {
    if (this.ended || this.waiting.length || this.votes.size < this.data.total) return;
    this.ended = true;
    this.trigger("ended", true);
  }

  draw() {
    const { labels, total } = this.data;
    const done = this.votes.size;
    const number = (value) => value.toLocaleString(this.data.locale);
    const told = this.part("told");
    told.classList.toggle("bad", Boolean(this.offline || this.refused));
    told.textContent = this.refused || (this.offline ? labels.offline : labels.count)
      .replace("{done}", number(done)).replace("{left}", number(total - done)).replace("{n}", number(this.waiting.length));
    const meter = this.part("meter");
    meter.setAttribute("aria-valuemax", total);
    meter.setAttribute("aria-valuenow", done);
    meter.firstElementChild.style.width = `${(100 * done) / Math.max(total, 1)}%`;
    const pair = this.pair();
    this.part("brief").textContent = pair ? pair.brief : "";
    const key = pair ? `${pair.id}` : `rest-${done >= total}`;
    if (this.drawn !== key) {
      this.drawn = key;
      if (pair) this.drawPair(pair);
      else this.drawRest(done >= total ? labels.thanks : labels.making);
    }
    this.mark();
  }

  drawPair(pair) {
    const { labels } = this.data;
    this.part("sides").replaceChildren(
      this.side("left", pair.left, labels.left, "1", pair),
      this.side("right", pair.right, labels.right, "2", pair),
    );
    this.part("more").replaceChildren(
      this.button(labels.neither, "0", () => this.choose("neither"), "neither"),
      this.button(labels.back, "U", () => this.back(), "undo"),
    );
    for (const later of this.data.pairs.filter((one) => !this.votes.has(one.id)).slice(0, 3))
      for (const url of [later.left, later.right]) new Image().src = url; // there before it is asked for
  }

  drawRest(text) {
    const rest = document.createElement("p");
    rest.className = "rest";
    rest.textContent = text;
    this.part("sides").replaceChildren(rest);
    this.part("more").replaceChildren();
  }

  side(name, url, label, key, pair) {
    const side = this.button(label, key, () => this.choose(name), `side ${name}`);
    side.setAttribute("aria-label", `${label}: ${pair.brief}`);
    const caption = document.createElement("span");
    caption.className = "name";
    caption.append(...side.childNodes);
    const image = document.createElement("img");
    image.src = url;
    image.alt = `${pair.brief}, ${label}`;
    side.append(image, caption);
    return side;
  }

  button(label, key, onclick, name) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = name;
    button.setAttribute("aria-keyshortcuts", key);
    button.addEventListener("click", onclick);
    const word = document.createElement("span");
    word.textContent = label;
    const hint = document.createElement("kbd");
    hint.setAttribute("aria-hidden", "true");
    hint.textContent = key;
    button.append(word, hint);
    return button;
  }

  mark() {
    const choice = this.lingering || this.looking ? this.votes.get(this.current) : undefined;
    for (const name of ["left", "right"]) {
      const side = this.part(`sides`).querySelector(`.${name}`);
      side?.classList.toggle("chosen", choice === name);
      side?.classList.toggle("passed", Boolean(choice) && choice !== name);
    }
    const undo = this.part("more").querySelector(".undo");
    if (undo) undo.disabled = !this.way.length;
  }
}
