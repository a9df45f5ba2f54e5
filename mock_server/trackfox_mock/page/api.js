// The public control API, as any client may use it. Off loopback it wants the admin token, which a person is asked for.

import { h, button, fill } from "./dom.js";

let token = "";
try {
  token = sessionStorage.getItem("admin-token") ?? "";
} catch {
  // no storage: it is asked for again
}

/** What the mock refused, in its own sentence. */
export class Problem extends Error {
  constructor(status, body) {
    super(body?.detail ?? body?.title ?? `The mock answered ${status}.`);
    this.status = status;
    this.kind = body?.type ?? "";
  }
}

const headers = (more = {}) => (token ? { "X-Admin-Token": token, ...more } : more);

async function problemOf(response) {
  const body = await response.json().catch(() => null);
  return new Problem(response.status, body);
}

/** Call `/__admin/…`; gives the answer's JSON. */
export async function call(method, path, body) {
  const options = { method, headers: headers({ Accept: "application/json" }) };
  if (body !== undefined) options.body = typeof body === "string" ? body : JSON.stringify(body);
  const sent = token;
  const response = await fetch(`/__admin/${path}`, options);
  if (response.ok) return response.json();
  const problem = await problemOf(response);
  if (!problem.kind.endsWith("/admin-token")) throw problem;
  // Several calls are refused at once; who was asked for the first of them is not asked again for the others.
  if (token === sent) await askForToken();
  return call(method, path, body);
}

/** The same, for what is no JSON. */
export async function text(path) {
  const response = await fetch(`/__admin/${path}`, { headers: headers({ Accept: "text/plain" }) });
  if (!response.ok) throw await problemOf(response);
  return response.text();
}

export const get = (path) => call("GET", path);
export const id = encodeURIComponent;

let asking = null;
function askForToken() {
  asking ??= new Promise((resolve) => {
    const field = h("input", { type: "password", id: "admin-token", autocomplete: "off", required: true });
    const dialog = h("dialog", { "aria-labelledby": "token-title", oncancel: (event) => event.preventDefault() },
      h("form", {
        onsubmit: (event) => {
          event.preventDefault();
          token = field.value.trim();
          try {
            sessionStorage.setItem("admin-token", token);
          } catch {
            // it lasts until the page is left
          }
          dialog.close();
          dialog.remove();
          asking = null;
          resolve();
        },
      },
      h("h2", { id: "token-title" }, "This mock asks for its admin token"),
      h("p.note", {}, "Other machines can reach it. The token was printed in its terminal when it started."),
      h("label", { for: "admin-token" }, "Admin token"), field,
      h("div.actions", {}, h("button.primary", { type: "submit" }, "Open"))));
    document.body.append(dialog);
    dialog.showModal();
  });
  return asking;
}

const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

/**
 * The stream of `/__admin/rows/events`, for ever: it comes back when the server does.
 * EventSource could send no token, so the lines are read here.
 */
export async function listen(onEvent, onLine) {
  for (let wait = 250; ; wait = Math.min(wait * 2, 2000)) {
    try {
      const sent = token;
      const response = await fetch("/__admin/rows/events", { headers: headers({ Accept: "text/event-stream" }) });
      if (response.status === 401) {
        if (token === sent) await askForToken();
      } else if (response.ok) {
        wait = 250;
        onLine("live");
        await read(response.body.pipeThrough(new TextDecoderStream()).getReader(), onEvent);
      }
    } catch {
      // the server is away, or went
    }
    onLine("away");
    await pause(wait);
  }
}

async function read(reader, onEvent) {
  for (let rest = ""; ;) {
    const { done, value } = await reader.read();
    if (done) return;
    const events = (rest + value).split("\n\n");
    rest = events.pop();
    for (const event of events) {
      const [, name, data] = /^event: (.*)\ndata: (.*)$/.exec(event) ?? [];
      if (name) onEvent(name, JSON.parse(data));
    }
  }
}

/** A question before something is lost for good. */
export function sure(question, yes) {
  return new Promise((resolve) => {
    const dialog = h("dialog", { "aria-label": question, onclose: () => { dialog.remove(); resolve(dialog.returnValue === "yes"); } });
    fill(dialog, h("p", {}, question), h("div.actions", {},
      button("Keep", () => dialog.close("no")),
      button(yes, () => dialog.close("yes"), { class: "danger", autofocus: true })));
    document.body.append(dialog);
    dialog.showModal();
  });
}
