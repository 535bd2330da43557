// What stands beside the decision: checks and channels, the brief, what happened and what was said, its relatives.

import { dot, fill, h } from "../dom.js";
import { thumbnail } from "./pictures.js";
import { drawField, marked } from "./talk.js";

export const TABS = {
  checks: { label: "tab_checks", draw: drawChecks },
  brief: { label: "tab_brief", draw: drawBrief },
  talk: { label: "tab_talk", draw: drawHistory, size: (facts) => facts.comments.length },
  alike: { label: "tab_alike", draw: drawRelatives, size: (facts) => facts.parents.length + facts.children.length + facts.alike.length },
};

const loading = (app) => h("p", { class: "faint" }, app.data.labels.loading);

/** Each check with its value and what is good, then each channel with what it would refuse. */
function drawChecks(app, item, facts) {
  const { labels, metrics, locale } = app.data;
  const written = (metric, value) => `${value.toLocaleString(locale, { minimumFractionDigits: metric.digits, maximumFractionDigits: metric.digits })}${metric.unit}`;
  const rows = item.scores
    .filter((score) => metrics[score.metric])
    .map((score) => {
      const metric = metrics[score.metric];
      const tone = score.passes === null ? "" : score.passes ? "good" : "warn";
      const verdict = score.passes === null ? "" : score.passes ? labels.passed : labels.missed;
      return h(
        "tr",
        { title: metric.meaning },
        h("th", { scope: "row" }, metric.name),
        h("td", { class: "number" }, score.value === null ? "–" : written(metric, score.value)),
        h("td", { class: "wanted" }, metric.wanted),
        h("td", { class: `verdict ${tone}` }, verdict),
      );
    });
  const table = rows.length ? h("table", { class: "figures" }, h("caption", { class: "hidden" }, labels.tab_checks), h("tbody", {}, rows)) : h("p", { class: "faint" }, labels.no_scores);
  if (!facts) return [table, loading(app)];
  return [table, h("h4", {}, labels.channels), drawChannels(app, facts), h("h4", {}, labels.taught), drawTaught(app, facts)];
}

function drawChannels(app, facts) {
  const { labels, rules } = app.data;
  const told = (fault) => app.words.fill(rules[fault.rule], { got: fault.got === null ? "–" : Number(fault.got.toFixed(1)), wanted: fault.wanted });
  const words = ({ faults, waits }) => [...faults.map(told), ...(waits ? [labels.channel_waits] : [])].join(" · ") || labels.fits;
  const sign = ({ faults, waits }) => (faults.length ? ["warn", "✗"] : waits ? ["waits", "…"] : ["good", "✓"]);
  return h(
    "ul",
    { class: "channels" },
    facts.channels.map((channel) =>
      h(
        "li",
        {},
        h("span", { class: `verdict ${sign(channel)[0]}` }, sign(channel)[1]),
        h(
          "span",
          { class: "what" },
          h("strong", {}, channel.name),
          h("span", { class: "faint" }, words(channel)),
        ),
      ),
    ),
  );
}

/** The photo that the model was taught nearest to this image: the nearer, the more it may be a copy. */
function drawTaught(app, facts) {
  const { labels, locale } = app.data;
  const { nearest, of, why_not } = facts.taught;
  if (!nearest) return h("p", { class: "faint" }, app.data.taught[why_not] ?? labels.taught_none);
  const share = nearest.likeness.toLocaleString(locale, { style: "percent" });
  return h(
    "div",
    { class: "near" },
    h("img", { src: thumbnail(nearest.sha256, 160), alt: fill(labels.photo_named, { title: nearest.title }, locale), loading: "lazy" }),
    h("p", {}, h("strong", {}, fill(labels.alike_share, { share }, locale)), h("br"), h("span", { class: "faint" }, `${nearest.sku} · ${fill(labels.taught_of, { n: of }, locale)}`)),
  );
}

function drawBrief(app, item, facts) {
  if (!facts) return loading(app);
  const { labels, purposes, locale } = app.data;
  const { brief } = facts;
  const when = app.words.moment(brief.made_at);
  const words = Object.values(brief.attributes).filter((value) => typeof value === "string").map((value) => app.words.term(value)).join(" · ");
  const rows = [
    [labels.text, brief.prompt],
    [labels.words, words],
    [labels.sku, item.sku],
    [labels.purpose, purposes[item.purpose]],
    [labels.model, brief.model],
    [labels.seed, String(brief.seed)],
    [labels.variety, brief.truncation.toLocaleString(locale)],
    [labels.guidance, brief.guidance_scale === 1 ? "" : brief.guidance_scale.toLocaleString(locale)],
    [labels.finishing, brief.finishing.join(", ")],
    [labels.size, `${item.width} × ${item.height} px`],
    [labels.made_by, `${brief.made_by}, ${when}`],
  ];
  return h(
    "dl",
    { class: "facts" },
    rows.filter(([, value]) => value).map(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]),
  );
}

/** What was decided and what was said, the newest first. */
function drawHistory(app, item, facts) {
  if (!facts) return loading(app);
  const { labels, states, reasons, tones } = app.data;
  const line = (at, who, ...told) => ({ at, drawn: h("li", {}, h("span", { class: "faint" }, `${who} · ${app.words.moment(at)}`), h("div", {}, told)) });
  const decided = facts.history.map(({ at, user, undo, approval, reason, to_state, comment }) => {
    const why = undo ? labels.taken_back : reason ? (reasons[reason] ?? reason) : "";
    const state = approval ? dot("good", labels.approved_once) : dot(tones[to_state], states[to_state]);
    return line(at, user, state, why ? ` · ${why}` : "", comment ? h("span", { class: "said" }, comment) : null);
  });
  const said = facts.comments.map(({ at, by, text, mentions }) => line(at, by, h("span", { class: "said" }, marked(text, mentions))));
  const made = line(facts.brief.made_at, facts.brief.made_by, labels.made_it);
  const lines = [made, ...decided, ...said].reverse().sort((a, b) => new Date(b.at) - new Date(a.at));
  return [app.data.may_comment ? drawField(app, item) : null, h("ol", { class: "history", "aria-label": labels.history }, lines.map(({ drawn }) => drawn))];
}

/** What it started from, what was made from it, and what looks the same in the queue. */
function drawRelatives(app, item, facts) {
  if (!facts) return loading(app);
  const { labels, states, locale } = app.data;
  const row = (title, images) =>
    images.length
      ? [
          h("h4", {}, title),
          h(
            "div",
            { class: "row" },
            images.map((image) => {
              const here = app.queue.places.has(image.id);
              const said = [image.title, states[image.state], image.likeness ? fill(labels.alike_share, { share: image.likeness.toLocaleString(locale, { style: "percent" }) }, locale) : ""].filter(Boolean).join(", ");
              const picture = h("img", { src: thumbnail(image.sha256, 160), alt: "", loading: "lazy" });
              return here
                ? h("button", { type: "button", class: "thumb", title: said, "aria-label": said, onclick: () => app.focus(image.id) }, picture)
                : h("a", { class: "thumb", title: said, "aria-label": said, href: `/library?image=${image.id}`, target: "_blank", rel: "noopener" }, picture);
            }),
          ),
        ]
      : null;
  const found = [row(labels.started_from, facts.parents), row(labels.led_to, facts.children), row(labels.alike_here, facts.alike)].flat(2).filter(Boolean);
  void item;
  return found.length ? found : h("p", { class: "faint" }, labels.no_relatives);
}
