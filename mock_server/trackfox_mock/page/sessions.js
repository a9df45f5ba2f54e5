// Websites, their tokens, visitors and sessions; and what to paste to pay in one of them.

import { call, get, id, sure } from "./api.js";
import { attribution } from "./attribution.js";
import { button, copy, count, fill, h, heading, many, nothing, say, tag } from "./dom.js";
import { journal, ready } from "./journal.js";
import { only } from "./requests.js";
import { curl, node as inNode, payment, php, python, variables } from "./snippets.js";
import { tabs } from "./tabs.js";

const LISTED = 200;

/** All websites, or the one whose id is in `params[0]`. */
export async function sessions(params) {
  const node = h("div.page");
  const view = { node, go: (next) => { show(next[0]); return true; }, keys: { Escape: () => { location.hash = "#/sessions"; } } };
  const show = (website) => (website ? one(node, website) : all(node)).catch((problem) => fill(node, nothing(problem.message)));
  await ready;
  await show(params[0]);
  return view;
}

async function create() {
  const made = await call("POST", "websites", {});
  say(`${made.website_id} is there, with a token and a session`);
  location.hash = `#/sessions/${id(made.website_id)}`;
}

async function all(node) {
  const { websites, meta } = await get(`websites?limit=${LISTED}`);
  fill(node,
    heading("Websites and sessions", `${many(meta.total, "website")}. The three ids of a payment must belong together, in one of them.`,
      button("New website", create, { class: "primary" })),
    websites.length === 0 ? nothing("There is no website yet.")
      : h("div.wide", {}, h("table", {}, h("thead", {}, h("tr", {}, ["Website", "Name", "Sessions", "Payments"].map((name, index) => h(index > 1 ? "th.number" : "th", { scope: "col" }, name)))),
        h("tbody", {}, websites.map((website) => h("tr", {},
          h("th", { scope: "row" }, h("a", { href: `#/sessions/${id(website.website_id)}` }, clipped(website.website_id))),
          h("td", {}, clipped(website.name)), cell(website.sessions_total, "session"), cell(website.payments_total, "payment")))))),
    meta.total > websites.length && h("p.note", {}, `The first ${LISTED} are listed; any other is at #/sessions/ and its id.`));
}

// On a narrow screen, where no heading stands above it, a number says of what.
const cell = (number, what) => h("td.number", { "data-what": many(number, what).split(" ")[1] }, count(number));

const clipped = (text) => (text.length > 80 ? `${text.slice(0, 80)}…` : text);

async function one(node, websiteId) {
  const website = await get(`websites/${id(websiteId)}?limit=${LISTED}`);
  const token = h("code", {}, website.api_token);
  const reveal = button("Show", async () => {
    const env = await get(`websites/${id(websiteId)}/environment`);
    fill(token, env.TRACKFOX_API_TOKEN);
    reveal.replaceWith(button("Copy", () => copy(env.TRACKFOX_API_TOKEN, "Token copied")));
  });
  const remove = button("Delete", async () => {
    if (!(await sure(`Delete ${clipped(websiteId)} with its sessions, payments and requests?`, "Delete"))) return;
    await call("DELETE", `websites/${id(websiteId)}`);
    location.hash = "#/sessions";
  }, { class: "danger" });
  fill(node,
    h("p", {}, h("a", { href: "#/sessions" }, "← All websites")),
    heading(clipped(website.name || website.website_id), null, h("a.button", { href: "#/requests", onclick: () => only(websiteId) }, "Requests"), remove),
    h("dl.facts", {}, h("dt", {}, "website_id"), h("dd", {}, h("code", {}, website.website_id)),
      h("dt", {}, "API token"), h("dd", {}, token, " ", reveal),
      h("dt", {}, "payments"), h("dd", {}, h("a", { href: `#/payments/${id(websiteId)}` }, count(website.payments_total)))),
    newSession(websiteId, () => one(node, websiteId)),
    h("section.part", {}, h("h2", {}, `Sessions, ${count(website.sessions_total)}`),
      website.sessions.length === 0 && nothing("It has no session yet, so nothing can match."),
      h("ol.cards.columned", {}, website.sessions.map((session) => card(websiteId, session)))));
}

function newSession(websiteId, done) {
  const visitor = h("input", { id: "new-visitor", placeholder: "made up" });
  const source = h("input", { id: "new-source", placeholder: "newsletter" });
  return h("form.inline", {
    onsubmit: async (event) => {
      event.preventDefault();
      const given = { attribution: { source: source.value.trim() || "newsletter" } };
      if (visitor.value.trim()) given.visitor_id = visitor.value.trim();
      try {
        const made = await call("POST", `websites/${id(websiteId)}/sessions`, given);
        say(`${made.session_id} is there`);
        await done();
      } catch (problem) {
        say(problem.message);
      }
    },
  },
  h("label", {}, "Visitor", visitor), h("label", {}, "Source", source),
  h("button", { type: "submit" }, "New session"));
}

function card(websiteId, session) {
  const below = h("div.below");
  const env = () => get(`websites/${id(websiteId)}/environment?session_id=${id(session.session_id)}`);
  const snippets = async () => {
    const found = await env();
    const { path } = journal.hello;
    fill(below, tabs("A payment in this session", {
      Variables: () => variables(found), curl: () => curl(found, path), Node: () => inNode(path), Python: () => python(path), PHP: () => php(path),
    }));
  };
  return h("li.card", {},
    h("div.line1", {}, h("b", {}, session.visitor_id), tag("session", session.session_id), h("span.grow"),
      session.occurred_at && h("time.note", { datetime: session.occurred_at }, session.occurred_at.slice(0, 16).replace("T", " "))),
    attribution(session.attribution),
    h("div.actions", {},
      button("Pay", () => { fill(below, pay(websiteId, session)); below.querySelector("input").select(); }),
      button("Variables and snippets", snippets)),
    below);
}

function pay(websiteId, session) {
  const revenue = h("input", { inputmode: "numeric", value: "9900", "aria-label": "Revenue in cents", size: "8" });
  const email = h("input", { type: "text", value: "customer@example.com", "aria-label": "E-mail" });
  return h("form.inline", {
    onsubmit: async (event) => {
      event.preventDefault();
      const env = { TRACKFOX_SESSION_ID: session.session_id, TRACKFOX_VISITOR_ID: session.visitor_id, TRACKFOX_WEBSITE_ID: websiteId };
      const amount = Number(revenue.value);
      const body = payment(env, { revenue: Number.isNaN(amount) ? revenue.value : amount, email: email.value });
      try {
        const { request, lost } = await call("POST", "send", { website_id: websiteId, body: JSON.stringify(body) });
        say(lost ?? `Request ${request.id}: ${request.outcome}`);
        location.hash = `#/requests/${request.id}`;
      } catch (problem) {
        say(problem.message);
      }
    },
  },
  h("label", {}, "Cents", revenue), h("label", {}, "E-mail", email), h("button.primary", { type: "submit" }, "Send"));
}

