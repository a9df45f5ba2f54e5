// What can be called, made from the documents as they are served; and a form that really calls it.

import { call, get, id } from "./api.js";
import { button, code, fill, h, heading, say, tag } from "./dom.js";

const METHODS = ["get", "post", "put", "patch", "delete", "head", "options"];

/** The reference of the endpoint, or of the control API with `params[0]` as `admin`. */
export async function reference(params) {
  const node = h("div.page");
  const show = async (which) => {
    const admin = which === "admin";
    const document = await get(admin ? "openapi.json" : "document");
    const { websites } = admin ? { websites: [] } : await get("websites?limit=500");
    fill(node,
      heading(document.info?.title ?? "API", document.info?.summary,
        h("span.choice", {}, h("a.button", { href: "#/reference", "aria-current": admin ? null : "page" }, "The endpoint"),
          h("a.button", { href: "#/reference/admin", "aria-current": admin ? "page" : null }, "/__admin"))),
      document.info?.description && h("p.note", {}, document.info.description),
      h("div.cards", {}, operations(document).map((one) => operation(document, one, admin, websites))));
  };
  await show(params[0]);
  return { node, go: (next) => { show(next[0]).catch((problem) => say(problem.message)); return true; } };
}

function operations(document) {
  const found = [];
  for (const [path, item] of Object.entries(document.paths ?? {})) {
    const whole = resolved(document, item);
    for (const method of METHODS) if (whole[method]) found.push({ path, method, ...whole[method], parameters: [...(whole.parameters ?? []), ...(whole[method].parameters ?? [])] });
  }
  return found;
}

/** Follow local references. */
function resolved(document, node) {
  for (let step = 0; node?.$ref?.startsWith("#/") && step < 20; step += 1) {
    node = node.$ref.slice(2).split("/").reduce((found, key) => found?.[key.replaceAll("~1", "/").replaceAll("~0", "~")], document);
  }
  return node ?? {};
}

function operation(document, one, admin, websites) {
  const parameters = one.parameters.map((parameter) => resolved(document, parameter));
  const content = resolved(document, one.requestBody).content ?? {};
  const media = Object.entries(content).find(([type]) => type.startsWith("application/json"))?.[1];
  const schema = media && resolved(document, media.schema);
  const place = h("div.below");
  const details = h("details.operation", { open: admin ? null : true },
    h("summary.line1", {}, h("b.method", { "data-method": one.method }, one.method.toUpperCase()), h("code", {}, one.path), h("span.note", {}, one.summary)),
    h("div.inside", {},
      one.description && h("p", {}, one.description),
      parameters.length > 0 && table(document, parameters.map((parameter) => [parameter.name, parameter.in, parameter.schema, parameter.required, parameter.description])),
      schema && table(document, members(document, schema)),
      responses(document, one),
      h("div.actions", {}, button("Try it", () => { fill(place, form(document, one, parameters, media, schema, admin, websites)); place.querySelector("input, select, textarea, button")?.focus(); })),
      place));
  return details;
}

function members(document, schema) {
  return Object.entries(schema.properties ?? {}).map(([name, property]) => {
    const found = resolved(document, property);
    return [name, "body", found, (schema.required ?? []).includes(name), found.description];
  });
}

function typeOf(document, schema) {
  const found = resolved(document, schema);
  const type = [found.type ?? (found.enum || found.const !== undefined ? "" : "anything")].flat().filter((one) => one !== "null").join(" or ");
  const more = [found.format, found.minimum !== undefined && `at least ${found.minimum}`, found.maximum !== undefined && `at most ${found.maximum}`,
    found.enum && `one of ${found.enum.filter((one) => one !== null).join(", ")}`, found.const !== undefined && `always ${found.const}`,
    found.pattern && `like ${found.pattern}`, found.default !== undefined && `${JSON.stringify(found.default)} by default`];
  return [type, ...more.filter(Boolean)].filter(Boolean).join(", ");
}

const table = (document, rows) => rows.length > 0 && h("div.wide", {}, h("table", {},
  h("thead", {}, h("tr", {}, ["Field", "Where", "What it holds", "Needed"].map((name) => h("th", { scope: "col" }, name)))),
  h("tbody", {}, rows.map(([name, where, schema, required, description]) => h("tr", {},
    h("th", { scope: "row" }, h("code", {}, name)), h("td", {}, where),
    h("td", {}, typeOf(document, schema), description && h("div.note", {}, description)), h("td", {}, required && tag("required")))))));

const responses = (document, one) => h("dl.facts", {}, Object.entries(one.responses ?? {}).map(([status, response]) =>
  [h("dt", {}, h("code", {}, status)), h("dd", {}, resolved(document, response).description)]));

function example(document, media, schema) {
  if (media?.example !== undefined) return media.example;
  const named = resolved(document, Object.values(media?.examples ?? {})[0]).value;
  if (named !== undefined) return named;
  return Object.fromEntries(Object.entries(schema?.properties ?? {}).filter(([name]) => (schema.required ?? []).includes(name)).map(([name, property]) => [name, resolved(document, property).example ?? null]));
}

function form(document, one, parameters, media, schema, admin, websites) {
  const fields = parameters.filter((parameter) => parameter.in !== "header").map((parameter) => [parameter,
    h("input", { value: parameter.in === "path" ? String(parameter.example ?? "") : "", required: parameter.required || null, "aria-label": parameter.name })]);
  const body = media && h("textarea", { rows: "8", spellcheck: "false", "aria-label": "Body", value: JSON.stringify(example(document, media, schema), null, 2) });
  const website = !admin && h("select", {}, h("option", { value: "" }, "no token"), websites.map((site) => h("option", { value: site.website_id }, (site.name || site.website_id).slice(0, 60))));
  const answer = h("div.below", { "aria-live": "polite" });
  if (website && websites.length) {
    const named = schema && example(document, media, schema)?.website_id;
    website.value = websites.some((site) => site.website_id === named) ? named : websites[0].website_id;
  }
  const address = () => {
    let path = one.path;
    const query = new URLSearchParams();
    for (const [parameter, field] of fields) {
      if (parameter.in === "path") path = path.replace(`{${parameter.name}}`, id(field.value));
      else if (field.value) query.set(parameter.name, field.value);
    }
    return `${path}${query.size ? `?${query}` : ""}`;
  };
  async function send() {
    if (admin) {
      const method = one.method.toUpperCase();
      const path = address().replace(/^\/__admin\//, "");
      if (path.includes("/events") || path === "events") return fill(answer, h("p.note", {}, "A stream without end; this page reads it all the time."));
      const text = body?.value.trim();
      const found = path.startsWith("/") ? await fetch(path).then((response) => response.json()) : await call(method, path, text || undefined);
      return fill(answer, code(JSON.stringify(found, null, 2), "The answer"));
    }
    const server = new URL(document.servers?.[0]?.url ?? "", location.origin).pathname.replace(/\/$/, "");
    const { request, lost } = await call("POST", "send", {
      method: one.method.toUpperCase(), url: server + address(), website_id: website.value || null, body: body ? body.value : "",
    });
    return fill(answer, lost ? h("p.warn", {}, lost) : code(`${request.response.status}\n${request.response.body}`, "The answer"),
      h("p", {}, tag(request.outcome), " ", h("a", { href: `#/requests/${request.id}` }, `Request ${request.id}: why, and what it created`)));
  }
  return h("form.editor", {
    onsubmit: (event) => {
      event.preventDefault();
      send().catch((problem) => fill(answer, h("p.warn", {}, problem.message)));
    },
  },
  website && h("label", {}, "Token of", website),
  fields.map(([parameter, field]) => h("label", {}, parameter.name, field)),
  body && h("label", {}, "Body", body),
  h("div.actions", {}, h("button.primary", { type: "submit" }, `Send ${one.method.toUpperCase()}`)), answer);
}
