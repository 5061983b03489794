// The search box: an ARIA combobox that completes at each key, and the session of queries.

import { $, Latest, duration, h, kSeen, percent, previousOf, state } from "/base.js";

const kCompletions = 8;
const input = $("q"), list = $("list"), popup = $("popup"), ghost = $("ghost");
let onChange = () => {};  // called with the text of the field when it changes

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
      ...previousOf(state.session),
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
  list.replaceChildren(
    ...json.labels.map(({ key, score, made, matched }, i) => {
      return h(
        "li",
        { role: "option", id: `option-${i}`, "aria-selected": "false", "aria-label": key, onmousedown: (event) => take(event, i) },
        h("span", { class: "words" }, ...setOff(key, matched)),
        made ? h("span", { class: "badge", title: "Nobody has asked this: it is made of words" }, "made") : null,
        h("span", { class: "share", "aria-hidden": "true" }, score >= 0.0005 ? percent(score) : ""),
      );
    }),
  );
  showPopup(json.labels.length > 0 && document.activeElement === input);
  showGhost();
}

// Returns the parts of a completion, those that were not typed in bold. `matched`: the typed ones, in characters.
function setOff(key, matched) {
  const characters = [...key];
  const text = (begin, end) => characters.slice(begin, end).join("");
  const bold = (begin, end) => (begin < end ? [h("b", {}, text(begin, end))] : []);
  const parts = [];
  let last = 0;
  for (const [begin, end] of matched) {
    parts.push(...bold(last, begin), text(begin, end));
    last = end;
  }
  return [...parts, ...bold(last, characters.length)];
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
  onChange(input.value);
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
  onChange(input.value);
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
  onChange(input.value);
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
        { class: i >= state.session.length - kSeen ? "chip sees" : "chip", title: i >= state.session.length - kSeen ? "Completion sees this query" : null },
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


// Makes the search box work. `changed` takes the text of the field whenever it changes.
export function startCompletion(changed) {
  onChange = changed;
  if (!state.completer) input.setAttribute("aria-autocomplete", "none");
  input.addEventListener("input", onTyped);
  input.addEventListener("keydown", onKey);
  input.addEventListener("click", () => !isOpen() && complete());
  input.addEventListener("blur", () => showPopup(false));
  $("form").addEventListener("submit", (event) => {
    event.preventDefault();
    search();
  });
  $("clear").addEventListener("click", clear);
  showGhost();
}
