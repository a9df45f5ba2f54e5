// Koa with its router, its body parser and Joi, as their documentation has it.
const { readFileSync } = require("node:fs");
const Koa = require("koa");
const { Router } = require("@koa/router");
const { bodyParser } = require("@koa/bodyparser");
const Joi = require("joi");

const mistake = process.env.MISTAKE;
const { websites } = JSON.parse(readFileSync(process.env.SHOPS, "utf8"));

const Payment = Joi.object({
  session_id: Joi.string().required(),
  visitor_id: Joi.string().required(),
  website_id: Joi.string().required(),
  revenue: Joi.number().integer().positive().required(),
  email: mistake === "any-text" ? Joi.string().required() : Joi.string().email({ tlds: false }).required(),
}).options({ convert: mistake === "convert", allowUnknown: true }); // Joi converts strings to numbers by default

const router = new Router();
router.post("/api/v1/attribute-payment", (ctx) => {
  const bearer = /^Bearer (\S+)$/.exec(ctx.get("Authorization"));
  if (!bearer) return ctx.throw(401);

  const { error, value } = Payment.validate(ctx.request.body);
  if (error) return ctx.throw(mistake === "422" ? 422 : 400);

  const website = websites.find((one) => one.website_id === value.website_id);
  if (website?.api_token !== bearer[1]) return ctx.throw(401);

  const { session_id, visitor_id } = value;
  if (!website.sessions.some((one) => one.session_id === session_id && one.visitor_id === visitor_id)) ctx.throw(404);
  ctx.body = { message: "Payment event attributed successfully." };
});

const app = new Koa();
app.silent = true;
app.use(bodyParser({ enableTypes: ["json"] }));
app.use(router.routes()).use(router.allowedMethods());
app.listen(Number(process.env.PORT), "127.0.0.1");
