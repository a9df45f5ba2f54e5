// Hono with its own validator, on Node, as its documentation has it.
import { readFileSync } from "node:fs";
import { serve } from "@hono/node-server";
import { Hono } from "hono";
import { validator } from "hono/validator";

const mistake = process.env.MISTAKE;
const { websites } = JSON.parse(readFileSync(process.env.SHOPS, "utf8"));
const texts = ["session_id", "visitor_id", "website_id", "email"];

const app = new Hono();

app.post(
  "/api/v1/attribute-payment",
  validator("json", (value, c) => {
    if (typeof value !== "object" || value === null || Array.isArray(value)) return c.json({ error: "No object." }, 400);
    const revenue = mistake === "parse-int" ? parseInt(value.revenue, 10) : value.revenue;
    const valid =
      texts.every((name) => typeof value[name] === "string") &&
      (mistake === "truthy" ? Boolean(revenue) : Number.isInteger(revenue) && revenue > 0) &&
      /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(value.email);
    return valid ? { ...value, revenue } : c.json({ error: "The body is invalid." }, 400);
  }),
  (c) => {
    const bearer = /^Bearer (\S+)$/.exec(c.req.header("Authorization") ?? "");
    const { session_id, visitor_id, website_id } = c.req.valid("json");
    const website = websites.find((one) => one.website_id === website_id);
    if (!bearer || bearer[1] !== website?.api_token) return c.json({ error: "The API token is invalid." }, 401);

    const plain = (id) => (mistake === "trim" ? id.trim() : id);
    const found = website.sessions.some(
      (one) => one.session_id === plain(session_id) && one.visitor_id === plain(visitor_id),
    );
    if (!found) return c.json({ error: "No such event." }, 404);
    return c.json({ message: "Payment event attributed successfully." });
  },
);

serve({ fetch: app.fetch, port: Number(process.env.PORT), hostname: "127.0.0.1" });
