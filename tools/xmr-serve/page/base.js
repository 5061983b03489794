// What the modules of the page share: elements, requests, numbers as text, the state.

export const $ = (id) => document.getElementById(id);

export const state = {
  cards: [],        // of all models
  completer: null,  // name of the completion model
  session: [],      // queries, of which completion sees the last kSeen
  panes: [],
};

export const kSeen = 4;

// Returns the parameters previous, previous2, ... of a session.
export function previousOf(session) {
  const seen = session.slice(-kSeen).reverse();
  return Object.fromEntries(seen.map((query, i) => [i === 0 ? "previous" : `previous${i + 1}`, query]));
}

// Makes an element: h("p", { class: "note" }, "text", child).
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name.startsWith("--")) element.style.setProperty(name, value);
    else if (value !== false && value !== null) element.setAttribute(name, value === true ? "" : value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined));
  return element;
}

// Asks for JSON. Returns it with the milliseconds in the model and on the wire.
export async function ask(path, parameters, signal) {
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
export class Latest {
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

export const duration = (ms) => (ms < 1 ? `${Math.round(ms * 1000)} µs` : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`);
export const count = (number) => number.toLocaleString("en");
export function bytes(number) {
  const unit = Math.min(3, Math.floor(Math.log2(Math.max(1, number)) / 10));
  return `${(number / 2 ** (10 * unit)).toFixed(unit > 0 && number < 10 * 2 ** (10 * unit) ? 1 : 0)} ${["B", "KiB", "MiB", "GiB"][unit]}`;
}
export function number(value) {
  if (value !== 0 && (Math.abs(value) < 1e-3 || Math.abs(value) >= 1e5)) return value.toExponential(1);
  return String(Number(value.toPrecision(3)));
}
export function percent(value) {
  if (value > 0 && value < 0.0005) return "< 0.1 %";
  return `${(100 * value).toFixed(value < 0.1 ? 1 : 0)} %`;
}
export const signed = (value) => (value > 0 ? "+" : "−") + number(Math.abs(value));
