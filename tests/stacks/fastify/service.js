// Fastify with a JSON schema for the body, as its documentation has it.
const { readFileSync } = require("node:fs");
const Fastify = require("fastify");

const mistake = process.env.MISTAKE;
const { websites } = JSON.parse(readFileSync(process.env.SHOPS, "utf8"));

// By default Fastify makes numbers of strings, and strings of numbers.
const ajv = mistake === "coerced" ? {} : { customOptions: { coerceTypes: false } };
const fastify = Fastify({ ajv });

const body = {
  type: "object",
  required: ["session_id", "visitor_id", "website_id", "revenue", "email"],
  properties: {
    session_id: { type: "string" },
    visitor_id: { type: "string" },
    website_id: { type: "string" },
    revenue: { type: "integer", minimum: mistake === "zero" ? 0 : 1 },
    email: { type: "string", format: "email" },
  },
};

if (mistake === "422") {
  fastify.setErrorHandler((error, request, reply) => {
    reply.code(error.validation ? 422 : (error.statusCode ?? 500)).send({ error: error.message });
  });
}

fastify.post("/api/v1/attribute-payment", { schema: { body } }, async (request, reply) => {
  const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? "");
  const { session_id, visitor_id, website_id } = request.body;
  const website = websites.find((one) => one.website_id === website_id);
  if (!bearer || bearer[1] !== website?.api_token) {
    return reply.code(401).send({ error: "The API token is invalid." });
  }

  if (!website.sessions.some((one) => one.session_id === session_id && one.visitor_id === visitor_id)) {
    return reply.code(404).send({ error: "No such event." });
  }
  return { message: "Payment event attributed successfully." };
});

fastify.listen({ port: Number(process.env.PORT), host: "127.0.0.1" });
