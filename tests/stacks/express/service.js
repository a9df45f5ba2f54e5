// Express with zod, as their documentation has it.
const { readFileSync } = require("node:fs");
const express = require("express");
const { z } = require("zod");

const mistake = process.env.MISTAKE;
const { websites } = JSON.parse(readFileSync(process.env.SHOPS, "utf8"));

const amount = mistake === "coerced" ? z.coerce.number() : z.number();
const Payment = z.object({
  session_id: z.string(),
  visitor_id: z.string(),
  website_id: z.string(),
  revenue: amount.int().positive(),
  email: z.email(),
});

const app = express();
app.use(express.json());

app.post("/api/v1/attribute-payment", (req, res) => {
  const bearer = /^Bearer (\S+)$/.exec(req.get("Authorization") ?? "");
  if (!bearer) return res.status(401).json({ error: "The API token is missing." });

  const { success, data } = Payment.safeParse(req.body);
  if (!success) return res.status(400).json({ error: "The body is invalid." });

  const website = websites.find((one) => one.website_id === data.website_id);
  const owner = websites.find((one) => one.api_token === bearer[1]);
  if (!website || !owner || (owner !== website && mistake !== "any-token")) {
    return res.status(401).json({ error: "The API token is invalid." });
  }

  const event = website.sessions.find(
    (one) => one.session_id === data.session_id && one.visitor_id === data.visitor_id,
  );
  if (!event && mistake !== "no-match") return res.status(404).json({ error: "No such event." });

  res.json({ message: "Payment event attributed successfully." });
});

app.listen(Number(process.env.PORT), "127.0.0.1");
