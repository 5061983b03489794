// The page of xmr-serve: a search box that completes at each key, results while typing, the reasons of an answer, the
// cards of the models. It asks only the server that it came from.

const $ = (id) => document.getElementById(id);
const input = $("q"), list = $("list"), popup = $("popup"), ghost = $("ghost");
const kAnswers = 10, kCompletions = 8, kReasons = 8;

// Makes an element: h("p", { class: "note" }, "text", child).
function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) element.style.setProperty(name, value);
    else if (value !== false && value !== null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

const state = {
  cards: [],        // of all models
  completer: null,  // name of the completion model
  session: [],      // queries, the last one is what completion sees
  panes: [],
};

// ---- Requests ----

// Asks for JSON. Returns it with the milliseconds in the model and on the wire.
async function ask(path, parameters, signal) {
  const start = performance.now();
  const reply = await fetch(`${path}?${new URLSearchParams(parameters)}`, { signal });
  const json = await reply.json();
  const total = performance.now() - start;
  const timing = /dur=([\d.]+)/.exec(reply.headers.get("Server-Timing") ?? "");
  const model = timing ? Number(timing[1]) : 0;
  if (!reply.ok) throw Object.assign(new Error(json.error.message), { hint: json.error.hint });
  return { json, model, wire: Math.max(0, total - model) };
}

// Keeps the answers of the latest request only: a new one ends the one before.
class Latest {
  #controller = null;

  async ask(path, parameters) {
    this.stop();
    const controller = (this.#controller = new AbortController());
    try {
      const answer = await ask(path, parameters, controller.signal);
      return controller.signal.aborted ? null : answer;
    } catch (error) {
      if (controller.signal.aborted) return null;
      throw error;
    }
  }
  stop() {
    this.#controller?.abort();
    this.#controller = null;
  }
}

const duration = (ms) => (ms < 1 ? `${Math.round(ms * 1000)} µs` : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`);
const count = (number) => number.toLocaleString("en");
function bytes(number) {
  const unit = Math.min(3, Math.floor(Math.log2(Math.max(1, number)) / 10));
  return `${(number / 2 ** (10 * unit)).toFixed(unit > 0 && number < 10 * 2 ** (10 * unit) ? 1 : 0)} ${["B", "KiB", "MiB", "GiB"][unit]}`;
}
function number(value) {
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5)) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}
function percent(value) {
  if (value > 0 && value < 0.0005) return "< 0.1 %";
  return `${(100 * value).toFixed(value < 0.1 ? 1 : 0)} %`;
}
const signed = (value) => (value > 0 ? "+" : "−") + number(Math.abs(value));

// ---- Completion: the combobox ----

const completion = {
  latest: new Latest(),
  typed: "",   // the text that the completions are for
  items: [],   // { key, score }
  chosen: -1,  // -1: the typed text itself
};

function isOpen() {
  return !popup.hidden;
}

function showPopup(open) {
  popup.hidden = !open;
  input.setAttribute("aria-expanded", String(open));
  if (!open) choose(-1, false);
}

async function complete() {
  completion.typed = input.value;
  completion.chosen = -1;
  showGhost();
  if (!state.completer) return;
  try {
    const answer = await completion.latest.ask("/v1/complete", {
      model: state.completer,
      previous: state.session.at(-1) ?? "",
      prefix: input.value,
      k: kCompletions,
      typos: 1,
    });
    if (answer) showCompletions(answer);
  } catch {
    showPopup(false);
  }
}

function showCompletions({ json, model, wire }) {
  completion.items = json.labels;
  const instead = json.mended ?? json.backed_off;
  const typed = completion.typed.toLowerCase();
  $("popup-note").textContent =
    instead !== undefined
      ? `Completing “${instead}” instead`
      : typed !== "" ? "" : state.session.length > 0 ? `Often after “${state.session.at(-1)}”` : "Popular";
  $("popup-time").textContent = `${duration(model)} in the model, ${duration(wire)} on the wire`;
  const prefix = instead ?? typed;
  list.replaceChildren(
    ...json.labels.map(({ key, score }, i) => {
      return h(
        "li",
        { role: "option", id: `option-${i}`, "aria-selected": "false", "aria-label": key, onmousedown: (event) => take(event, i) },
        h("span", { class: "words" }, ...setOff(key, prefix)),
        h("span", { class: "share", "aria-hidden": "true" }, score >= 0.0005 ? percent(score) : ""),
      );
    }),
  );
  showPopup(json.labels.length > 0 && document.activeElement === input);
  showGhost();
}

// Returns the parts of a completion, those that were not typed in bold. The typed words may stand anywhere in it.
function setOff(key, typed) {
  const bold = (text) => (text ? [h("b", {}, text)] : []);
  if (key.toLowerCase().startsWith(typed)) return [key.slice(0, typed.length), ...bold(key.slice(typed.length))];
  const words = typed.split(/[^\p{L}\p{N}]+/u).filter(Boolean).sort((a, b) => b.length - a.length);
  if (words.length === 0) return bold(key);
  const parts = [];
  let end = 0;
  for (const { index, 0: found } of key.matchAll(new RegExp(`(?<![\\p{L}\\p{N}])(?:${words.join("|")})`, "giu"))) {
    parts.push(...bold(key.slice(end, index)), found);
    end = index + found.length;
  }
  return [...parts, ...bold(key.slice(end))];
}

function take(event, i) {
  event.preventDefault();  // the focus stays in the field
  input.value = completion.items[i].key;
  search();
}

// Marks a completion; -1 marks none and the field has what was typed.
function choose(index, writes = true) {
  list.children[completion.chosen]?.setAttribute("aria-selected", "false");
  completion.chosen = index;
  const option = list.children[index];
  option?.setAttribute("aria-selected", "true");
  if (option) input.setAttribute("aria-activedescendant", option.id);
  else input.removeAttribute("aria-activedescendant");
  if (!writes) return;
  input.value = option ? completion.items[index].key : completion.typed;
  showGhost();
  rankAll();
}

// The rest of the first completion, behind the typed text.
function showGhost() {
  const first = completion.items[0]?.key ?? "";
  const typed = input.value;
  const fits = isOpen() && typed !== "" && completion.typed === typed && first.startsWith(typed) && input.scrollWidth <= input.clientWidth;
  ghost.replaceChildren(fits ? typed : "", fits ? h("span", {}, first.slice(typed.length)) : "");
  $("clear").hidden = typed === "";
}

function onKey(event) {
  if (event.isComposing) return;
  const last = completion.items.length - 1;
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    if (!isOpen()) return void complete();
    const step = event.key === "ArrowDown" ? 1 : -1;
    const next = completion.chosen + step;
    choose(next > last ? -1 : next < -1 ? last : next);
  } else if (event.key === "Tab" && !event.shiftKey && isOpen() && completion.typed !== "") {
    const taken = completion.items[Math.max(0, completion.chosen)]?.key;
    if (taken === undefined || (taken === input.value && completion.chosen < 0)) return;
    event.preventDefault();
    input.value = taken;
    onTyped();
  } else if (event.key === "Escape") {
    if (!isOpen() && input.value === "") return;
    event.preventDefault();
    if (isOpen()) {
      if (completion.chosen >= 0) choose(-1);
      completion.latest.stop();
      showPopup(false);
      showGhost();
    } else {
      clear();
    }
  }
}

function onTyped() {
  complete();
  rankAll();
}

function clear() {
  input.value = "";
  completion.items = [];
  input.focus();
  onTyped();
}

// Searches for the text of the field, which becomes the last query of the session.
function search() {
  const query = input.value.trim();
  completion.latest.stop();
  completion.typed = input.value;
  completion.items = [];
  showPopup(false);
  showGhost();
  rankAll();
  if (query === "") return;
  state.session = [...state.session.filter((other) => other !== query), query].slice(-8);
  showSession();
  document.title = `${query} · xmr-serve`;
  input.select();
}

function showSession() {
  $("session").hidden = state.session.length === 0;
  $("chips").replaceChildren(
    ...state.session.map((query, i) =>
      h(
        "li",
        { class: i === state.session.length - 1 ? "chip sees" : "chip", title: i === state.session.length - 1 ? "Completion sees this query" : null },
        query,
        h("button", { type: "button", "aria-label": `Remove ${query} from the session`, onclick: () => forget(i) }, "✕"),
      ),
    ),
  );
  $("session").scrollLeft = $("session").scrollWidth;
}

function forget(i) {
  state.session.splice(i, 1);
  showSession();
  input.focus();
  complete();
}

// ---- Results ----

class Pane {
  constructor(model, isAlone) {
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
    this.rank(input.value);
    remember();
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
      comparePanes();
      if (this.model.can.explain) this.pause = setTimeout(() => this.explain(), 250);
    } catch (error) {
      this.answers = [];
      this.timing.replaceChildren();
      this.results.replaceChildren(h("li", { class: "fault" }, error.message, error.hint ? h("small", {}, error.hint) : null));
    }
  }

  parameters(text) {
    const query = this.model.can.complete ? { previous: state.session.at(-1) ?? "", prefix: text } : { q: text };
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
      can.restrict_labels && "restricts labels", card.calibrated && "calibrated",
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
    root.append(
      h(
        "section",
        {},
        h("h3", {}, `Listed by ${sources.length} ${sources.length === 1 ? "source" : "sources"}`),
        facts(sources.map(([name, { rank, score }]) => [name, `rank ${rank}, score ${number(score)}`])),
      ),
      h(
        "section",
        {},
        h("h3", {}, "Evidence: margin ", h("code", {}, signed(answer.margin))),
        effectBars(answer.evidence.map(({ piece, value, effect }) => ({ name: value === null ? piece : `${piece} = ${number(value)}`, effect }))),
      ),
    );
  }
  if (!root.firstChild) root.append("No reasons");
  return root;
}

// Marks answers of both panes, and how far they have moved from the first to the second.
function comparePanes() {
  for (const mark of document.querySelectorAll(".move")) mark.remove();
  if (state.panes.length < 2) return;
  const [first, second] = state.panes;
  second.answers.forEach(({ key }, i) => {
    const before = first.answers.findIndex((answer) => answer.key === key);
    const row = second.results.children[i];
    if (!row || before === i || first.answers.length === 0) return;
    const mark = before < 0 ? h("span", { class: "move up" }, "new") : h("span", { class: before > i ? "move up" : "move down" }, `${before > i ? "↑" : "↓"}${Math.abs(before - i)}`);
    row.querySelector(".key")?.after(mark);
  });
}

function hoverTwins(event) {
  const key = event.type === "mouseover" ? event.target.closest(".result")?.dataset.key : undefined;
  for (const row of document.querySelectorAll(".result")) row.classList.toggle("twin", state.panes.length > 1 && key !== undefined && row.dataset.key === key);
}

function rankAll() {
  for (const pane of state.panes) pane.rank(input.value);
  remember();
}

function setPanes(models) {
  state.panes = models.map((model) => new Pane(model, models.length === 1));
  $("panes").replaceChildren(...state.panes.map((pane) => pane.root));
  $("panes").classList.toggle("two", models.length > 1);
  $("compare").setAttribute("aria-pressed", String(models.length > 1));
}

function toggleCompare() {
  const shown = state.panes.map((pane) => pane.model.name);
  const others = state.cards.map((card) => card.name).filter((name) => !shown.includes(name));
  setPanes(shown.length > 1 ? [shown[0]] : [shown[0], others[0] ?? shown[0]]);
  rankAll();
}

// ---- The page ----

// The address has the query and the models, so that it can be given to somebody else.
function remember() {
  const address = new URLSearchParams();
  if (input.value) address.set("q", input.value);
  for (const pane of state.panes) address.append("model", pane.model.name);
  history.replaceState(null, "", `/?${address}`);
}

const kThemes = { "": "◐", light: "☀", dark: "☾" };
function setTheme(theme) {
  if (theme) document.documentElement.dataset.theme = theme;
  else delete document.documentElement.dataset.theme;
  $("theme").textContent = kThemes[theme];
  $("theme").setAttribute("aria-label", `Theme: ${theme || "as the system"}`);
  localStorage.setItem("theme", theme);
}

async function start() {
  setTheme(localStorage.getItem("theme") in kThemes ? localStorage.getItem("theme") : "");
  $("theme").addEventListener("click", () => {
    const names = Object.keys(kThemes);
    setTheme(names[(names.indexOf(document.documentElement.dataset.theme ?? "") + 1) % names.length]);
  });
  const { json } = await ask("/v1/models", {});
  state.cards = json.models.toSorted((a, b) => a.can.complete - b.can.complete);
  state.completer = json.models.find((card) => card.can.complete)?.name ?? null;
  if (!state.completer) input.setAttribute("aria-autocomplete", "none");
  const address = new URLSearchParams(location.search);
  const wanted = address.getAll("model").filter((name) => state.cards.some((card) => card.name === name)).slice(0, 2);
  setPanes(wanted.length > 0 ? wanted : [state.cards[0].name]);
  $("compare").hidden = state.cards.length < 2;
  if (!input.value) input.value = address.get("q") ?? "";
  input.addEventListener("input", onTyped);
  input.addEventListener("keydown", onKey);
  input.addEventListener("click", () => !isOpen() && complete());
  input.addEventListener("blur", () => showPopup(false));
  $("form").addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  $("clear").addEventListener("click", clear);
  $("compare").addEventListener("click", toggleCompare);
  $("panes").addEventListener("mouseover", hoverTwins);
  $("panes").addEventListener("mouseout", hoverTwins);
  showGhost();
  rankAll();
}

start().catch((error) => $("panes").replaceChildren(h("p", { class: "empty" }, `The server does not answer: ${error.message}`)));
