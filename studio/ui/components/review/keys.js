// Which key does what. The list for people stands in the page's data, in their language.

const MOVES = { ArrowRight: 1, ArrowLeft: -1, j: 1, k: -1 };

/** A key that was pressed anywhere on the page: the gallery takes it where nothing else has a use for it. */
export function keyPressed(app, event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  const path = event.composedPath();
  if (!path.includes(app.house) && !isIdle(app, event.key, path)) return;
  if (path.some((node) => node.tagName === "DIALOG")) return;
  const typing = path[0].matches?.("input:not([type=range]), textarea");
  if (typing && !(event.key === "Escape" && app.panel.choosing)) return;
  if (!handleKey(app, event)) return;
  event.preventDefault();
  event.stopPropagation();
}

/** Whether a key pressed outside means the gallery: nothing has the focus, or a button that letters mean nothing to. */
function isIdle(app, key, path) {
  const open = document.querySelector("[role=dialog]") || path.some((node) => node.matches?.("[data-baseweb=popover], [role=menu]"));
  return !open && (app.nobodyHasFocus() || (path[0].tagName === "BUTTON" && /^[a-z?]$/i.test(key)));
}

/** Act on a key. Returns whether it meant something here. */
function handleKey(app, event) {
  const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
  if (key === "Shift") return false;
  if (app.panel.choosing) return reasonKey(app, key);
  if (isControl(event) && ["Enter", " ", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Home", "End"].includes(event.key)) return false;
  if (event.repeat && !(key in MOVES) && !key.startsWith("Arrow") && !key.startsWith("Page")) return true; // a key held down decides once
  const step = stepOf(app, key);
  if (step) app.move(step, event.shiftKey && key.startsWith("Arrow"));
  else if (key === "Home" || key === "End") app.moveTo(key === "Home" ? 0 : app.queue.items.length - 1);
  else if (ACTIONS[key]) ACTIONS[key](app, event);
  else return false;
  return true;
}

const ACTIONS = {
  a: (app) => (app.selected.size > 1 ? app.bulk.open() : app.decisions.decide("approve")),
  r: (app) => app.decisions.choose(true),
  u: (app) => app.decisions.undo(),
  x: (app, event) => app.selection.toggle(app.current, event.shiftKey),
  z: (app) => app.setView(app.view === "single" ? "grid" : "single"),
  Enter: (app) => app.setView(app.view === "single" ? "grid" : "single"),
  c: (app) => app.compare(),
  f: (app) => app.fitOrFill(),
  "?": (app) => app.help(),
  "+": (app) => (app.view === "single" ? app.stage.zoom(1.5) : app.grid.resize(1)),
  "-": (app) => (app.view === "single" ? app.stage.zoom(1 / 1.5) : app.grid.resize(-1)),
  Escape: (app) => app.escape(),
};

function stepOf(app, key) {
  if (key in MOVES) return MOVES[key];
  const rows = { ArrowDown: 1, ArrowUp: -1 }[key];
  if (rows) return app.view === "single" ? rows : rows * app.grid.columns;
  const pages = { PageDown: 1, PageUp: -1 }[key];
  return pages ? pages * (app.view === "single" ? 10 : app.grid.pageStep) : 0;
}

function reasonKey(app, key) {
  if (key === "Escape" || key === "r") app.decisions.choose(false);
  else if (["Tab", "Enter", " "].includes(key)) return false;
  const reason = app.data.families.flatMap(([, reasons]) => reasons).find((entry) => entry.key === key);
  if (reason) app.decisions.decide("reject", reason.id);
  return true;
}

/** Whether the key was pressed on something that has keys of its own. */
function isControl(event) {
  return event.composedPath()[0].matches?.("button, a, input, select, textarea, [role=tab]");
}
