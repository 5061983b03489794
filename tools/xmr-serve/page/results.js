// The answers of one model to the text of the search box, why they are answers, and the card of the model.

import { $, Latest, bytes, count, duration, h, number, percent, previousOf, signed, state } from "/base.js";

const kAnswers = 10, kReasons = 8;

export class Pane {
  // `changed` is called after the answers or the model have changed.
  constructor(model, isAlone, changed) {
    this.changed = changed;
    this.root = $("pane").content.firstElementChild.cloneNode(true);
    this.results = this.root.querySelector(".results");
    this.timing = this.root.querySelector(".timing");
    this.models = this.root.querySelector(".models");
    this.card = this.root.querySelector(".card");
    this.card.open = isAlone && matchMedia("(min-width: 62rem)").matches;
    this.latest = new Latest();
    this.reasons = new Latest();
    this.modelTimes = [];
    this.answers = [];
    this.show(model);
  }

  show(model) {
    this.model = state.cards.find((card) => card.name === model) ?? state.cards[0];
    this.modelTimes = [];
    this.models.replaceChildren(
      ...state.cards.map((card) =>
        h(
          "button",
          { class: "pill", type: "button", "aria-pressed": String(card === this.model), onclick: () => this.switchTo(card.name) },
          card.name,
        ),
      ),
    );
    this.showCard();
  }

  switchTo(model) {
    this.show(model);
    this.rank($("q").value);
    this.changed();
  }

  async rank(text) {
    this.reasons.stop();
    clearTimeout(this.pause);
    if (text.trim() === "") {
      this.latest.stop();
      this.answers = [];
      this.results.replaceChildren();
      this.timing.replaceChildren();
      return;
    }
    try {
      const answer = await this.latest.ask("/v1/rank", this.parameters(text));
      if (!answer) return;
      this.text = text;
      this.answers = answer.json.labels;
      this.showTime(answer);
      this.showAnswers();
      this.changed();
      if (this.model.can.explain) this.pause = setTimeout(() => this.explain(), 250);
    } catch (error) {
      this.answers = [];
      this.timing.replaceChildren();
      this.results.replaceChildren(h("li", { class: "fault" }, error.message, error.hint ? h("small", {}, error.hint) : null));
    }
  }

  parameters(text) {
    const query = this.model.can.complete ? { ...previousOf(state.session), prefix: text } : { q: text };
    const texts = this.model.can.name_labels ? { texts: true } : {};
    return { model: this.model.name, k: kAnswers, ...texts, ...query };
  }

  showTime({ model, wire }) {
    this.modelTimes.push(model);
    const sorted = this.modelTimes.toSorted((a, b) => a - b);
    const median = sorted[Math.floor(sorted.length / 2)];
    this.timing.replaceChildren(
      h("b", {}, duration(model)), " in the model, ", duration(wire), " on the wire",
      ...(sorted.length > 4 ? [h("span", { title: `of ${sorted.length} requests` }, ` · median ${duration(median)}`)] : []),
    );
    $("status").textContent = `${this.answers.length} results of ${this.model.name}`;
  }

  showAnswers() {
    if (this.answers.length === 0) {
      this.results.replaceChildren(h("li", { class: "result" }, "No answers"));
      return;
    }
    const scores = this.answers.map(({ score }) => score);
    // Scores below 0, of log-hinge models and the like, are shown by their distance to the worst one.
    const least = Math.min(0, ...scores), most = Math.max(...scores) - least || 1;
    const isShare = this.model.calibrated || this.model.can.complete || this.model.kind === "retrieval";
    this.results.replaceChildren(
      ...this.answers.map((answer, i) => {
        const about = answer.text !== undefined && answer.text !== answer.key ? answer.text : null;
        return h(
          "li",
          { class: "result", "data-key": answer.key },
          h(
            "div",
            { class: "row" },
            h("span", { class: "rank" }, String(i + 1)),
            h("div", {}, h("span", { class: "key" }, answer.key), h("span", { class: "badges" }), about ? h("span", { class: "about" }, about) : null),
            h("div", { class: "score", title: "score" }, isShare ? percent(answer.score) : number(answer.score), h("div", { class: "track" }, h("i", { "--part": (answer.score - least) / most }))),
            this.model.can.explain
              ? h("button", { class: "why", type: "button", "aria-expanded": "false", "aria-label": `Why ${answer.key}`, onclick: (event) => this.toggle(event.currentTarget, answer) }, "Why")
              : null,
          ),
        );
      }),
    );
  }

  // Asks for the reasons of all answers, once for a query.
  async explain() {
    if (this.explained === this.answers) return true;
    const asked = this.answers;
    const answer = await this.reasons.ask("/v1/rank", { ...this.parameters(this.text), explain: kReasons }).catch(() => null);
    if (!answer || asked !== this.answers) return false;
    const by = new Map(answer.json.labels.map((label) => [label.key, label]));
    for (const mine of this.answers) Object.assign(mine, { path: by.get(mine.key)?.path, reasons: by.get(mine.key) });
    this.explained = asked;
    for (const row of this.results.children) {
      const sources = by.get(row.dataset.key)?.sources ?? {};
      row.querySelector(".badges")?.replaceChildren(
        ...Object.entries(sources).map(([name, { rank }]) => h("span", { class: "badge", title: `rank ${rank} of ${name}` }, `${name} ${rank}`)),
      );
    }
    return true;
  }

  async toggle(button, answer) {
    const row = button.closest(".result");
    const open = row.querySelector(".reasons");
    button.setAttribute("aria-expanded", String(!open));
    if (open) return void open.remove();
    if ((await this.explain()) && row.isConnected) row.append(reasonsOf(answer.reasons));
  }

  showCard() {
    const card = this.model, can = card.can;
    this.card.querySelector("summary").replaceChildren(card.name, h("small", {}, card.kind));
    const abilities = [
      can.read_texts && "reads text", can.read_features && "reads features", can.complete && "completes", can.explain && "explains",
      card.calibrated && "calibrated",
    ].filter(Boolean);
    const figures = { labels: count(card.labels), features: count(card.features), size: bytes(card.bytes) };
    this.card.querySelector(".card-body").replaceChildren(
      h("dl", { class: "figures" }, ...Object.entries(figures).map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value)))),
      facts([["can", abilities.join(", ")], ["columns", card.columns.join(", ")], ["version", card.version], ["made by", `xmr ${card.tool_version}`]]),
      ...groups(card.content).flatMap(([name, entries]) =>
        entries.length > 12
          ? [h("details", { class: "more" }, h("summary", {}, name), facts(entries))]
          : [h("h4", {}, name), facts(entries)],
      ),
    );
  }
}

function facts(entries) {
  return h("dl", { class: "facts" }, ...entries.flatMap(([name, value]) => [h("dt", {}, name), h("dd", {}, value)]));
}

// The record of a model by groups: its own settings, then each object in it, such as the options of training.
function groups(content) {
  const text = (value) => (typeof value === "number" ? (Number.isInteger(value) ? String(value) : number(value)) : Array.isArray(value) ? value.map(text).join(", ") : String(value));
  const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
  const flat = (object, prefix = "") =>
    Object.entries(object).flatMap(([name, value]) => {
      if (isObject(value)) return flat(value, `${prefix}${name} `);
      if (Array.isArray(value) && value.some(isObject)) return value.flatMap((item, i) => (isObject(item) ? flat(item, `${prefix}${name} ${i + 1} `) : []));
      return value === "" || value === null ? [] : [[(prefix + name).replaceAll("_", " "), text(value)]];
    });
  const known = ["type", "features", "labels"];
  const own = Object.fromEntries(Object.entries(content).filter(([name, value]) => !known.includes(name) && !isObject(value)));
  const objects = Object.entries(content).filter(([name, value]) => isObject(value) && name !== "fingerprints");
  return [["model", flat(own)], ...objects.map(([name, value]) => [name === "options" ? "training" : name.replaceAll("_", " "), flat(value)])].filter(
    ([, entries]) => entries.length > 0,
  );
}

// The bars of effects: { name, effect, value }.
function effectBars(effects) {
  const most = Math.max(...effects.map(({ effect }) => Math.abs(effect)), 1e-9);
  return h(
    "dl",
    { class: "effects" },
    ...effects.flatMap(({ name, effect, note }) => [
      h("dt", { class: note ? "others" : null }, name),
      h("dd", { class: effect < 0 ? "effect minus" : "effect", "aria-hidden": "true" }, h("i", { "--part": Math.abs(effect) / most })),
      h("dd", { class: "number" }, signed(effect)),
    ]),
  );
}

function reasonsOf(answer) {
  const root = h("div", { class: "reasons" });
  for (const step of answer?.path ?? []) {
    const isLast = step === answer.path.at(-1);
    root.append(
      h(
        "section",
        {},
        h("h3", {}, isLast ? `${answer.key}: margin ` : `Level ${step.level}, node ${step.node}: margin `, h("code", {}, signed(step.margin)), ", score ", h("code", {}, number(step.score))),
        effectBars([
          ...step.features.map(({ feature, effect }) => ({ name: feature, effect })),
          ...(step.others ? [{ name: "other features", effect: step.others, note: true }] : []),
          { name: "bias", effect: step.bias, note: true },
        ]),
      ),
    );
  }
  if (answer?.evidence) {
    const sources = Object.entries(answer.sources);
    const section = (title, effects) => h("section", {}, h("h3", {}, ...title), effectBars(effects));
    root.append(
      section(
        [`Listed by ${sources.length} ${sources.length === 1 ? "source" : "sources"}: margin `, h("code", {}, signed(answer.margin))],
        sources.map(([name, { rank, score, effect }]) => ({ name: `${name}: rank ${rank}, score ${number(score)}`, effect })),
      ),
      section(
        ["Other evidence"],
        answer.evidence.map(({ piece, value, effect }) => ({ name: value === null ? piece : `${piece} = ${number(value)}`, effect })),
      ),
    );
  }
  if (!root.firstChild) root.append("No reasons");
  return root;
}
