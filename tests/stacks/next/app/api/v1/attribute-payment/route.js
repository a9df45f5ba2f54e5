// A Next.js route handler with zod, as their documentation has it.
import { readFileSync } from "node:fs";
import { z } from "zod";

const mistake = process.env.MISTAKE;

const id = mistake === "trim" ? z.string().trim() : z.string();
const amount = mistake === "coerced" ? z.coerce.number() : z.number();
const Payment = z.object({
  session_id: id,
  visitor_id: id,
  website_id: z.string(),
  revenue: amount.int().positive(),
  email: z.email(),
});

async function findWebsite(website_id) {
  const { websites } = JSON.parse(readFileSync(process.env.SHOPS, "utf8"));
  return websites.find((one) => one.website_id === website_id);
}

async function findEvent(website, { session_id, visitor_id }) {
  return website.sessions.find((one) => one.session_id === session_id && one.visitor_id === visitor_id);
}

export async function POST(request) {
  const bearer = /^Bearer (\S+)$/.exec(request.headers.get("Authorization") ?? "");
  if (!bearer) return Response.json({ error: "The API token is missing." }, { status: 401 });

  const { success, data } = Payment.safeParse(await request.json().catch(() => null));
  if (!success) return Response.json({ error: "The body is invalid." }, { status: 400 });

  const website = await findWebsite(data.website_id);
  if (website?.api_token !== bearer[1]) {
    return Response.json({ error: "The API token is invalid." }, { status: 401 });
  }

  const event = mistake === "no-await" ? findEvent(website, data) : await findEvent(website, data);
  if (!event) return Response.json({ error: "No such event." }, { status: 404 });
  return Response.json({ message: "Payment event attributed successfully." });
}
