// The page of xmr-serve: a search box that completes at each key, results while typing, the reasons of an answer, the
// cards of the models, two models side by side. It asks only the server that it came from.

import { $, ask, h, state } from "/base.js";
import { startCompletion } from "/completion.js";
import { Pane } from "/results.js";

const input = $("q");

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
  state.panes = models.map((model) => new Pane(model, models.length === 1, onPaneChanged));
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

function onPaneChanged() {
  comparePanes();
  remember();
}

// The address has the query and the models, so that it can be given to somebody else. Browsers allow few changes a second.
let remembering = null;
function remember() {
  clearTimeout(remembering);
  remembering = setTimeout(() => {
    const address = new URLSearchParams();
    if (input.value) address.set("q", input.value);
    for (const pane of state.panes) address.append("model", pane.model.name);
    history.replaceState(null, "", `/?${address}`);
  }, 300);
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
  const address = new URLSearchParams(location.search);
  const wanted = address.getAll("model").filter((name) => state.cards.some((card) => card.name === name)).slice(0, 2);
  setPanes(wanted.length > 0 ? wanted : [state.cards[0].name]);
  $("compare").hidden = state.cards.length < 2;
  if (!input.value) input.value = address.get("q") ?? "";
  $("compare").addEventListener("click", toggleCompare);
  $("panes").addEventListener("mouseover", hoverTwins);
  $("panes").addEventListener("mouseout", hoverTwins);
  startCompletion(rankAll);
  rankAll();
}

start().catch((error) => $("panes").replaceChildren(h("p", { class: "empty" }, `The server does not answer: ${error.message}`)));
