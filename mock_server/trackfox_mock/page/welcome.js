// What is shown before anything has arrived: how to send the first request. The first one makes it step aside.

import { call, get, id } from "./api.js";
import { button, code, fill, h, nothing } from "./dom.js";
import { journal, ready } from "./journal.js";
import { curl, node, payment, php, python, variables } from "./snippets.js";
import { tabs } from "./tabs.js";

/** Fill a section with it. */
export async function greet(section) {
  await ready;
  const { path, website_id: website, server } = journal.hello;
  if (!website) {
    fill(section, nothing("No website has a session yet, so no payment can be attributed. ", h("a", { href: "#/sessions" }, "Add one")));
    return;
  }
  const env = await get(`websites/${id(website)}/environment`);
  const send = () => call("POST", "send", { website_id: website, body: JSON.stringify(payment(env)) });
  fill(section,
    h("h1", {}, "Nothing has arrived yet"),
    h("p.lead", {}, "Point your application at ", h("code", {}, env.TRACKFOX_BASE_URL), " instead of ",
      h("code", {}, new URL(server || "https://trackfox.app").origin), ", and click through your shop. Or send one from here:"),
    h("div.actions", {}, button("Send a payment", send, { class: "primary" })),
    h("h2", {}, "From a terminal"), code(curl(env, path), "curl"),
    h("h2", {}, "From your code"),
    tabs("A payment", { Node: () => node(path), Python: () => python(path), PHP: () => php(path), Variables: () => variables(env) }),
    h("p.note", {}, "The snippets read five environment variables; the last tab has them for the website ",
      h("code", {}, website), ". ", h("a", { href: "#/sessions" }, "All websites and sessions")));
}
