// Pays on the real host, by the client of the first argument: `node pay.mjs axios`. Prints the status.
import https from "node:https";

const URL = process.env.URL ?? "https://trackfox.app/api/v1/attribute-payment";
const env = process.env;
const payment = {
  session_id: env.TRACKFOX_SESSION_ID,
  visitor_id: env.TRACKFOX_VISITOR_ID,
  website_id: env.TRACKFOX_WEBSITE_ID,
  revenue: 9900,
  email: "ada@example.com",
};
const headers = { Authorization: `Bearer ${env.TRACKFOX_API_TOKEN}`, "Content-Type": "application/json" };
const body = JSON.stringify(payment);

const clients = {
  fetch: async () => (await fetch(URL, { method: "POST", headers, body })).status,
  undici: async () => (await (await import("undici")).request(URL, { method: "POST", headers, body })).statusCode,
  axios: async () => (await (await import("axios")).default.post(URL, payment, { headers })).status,
  got: async () => (await (await import("got")).got.post(URL, { headers, body, retry: { limit: 0 } })).statusCode,
  "node:https": () =>
    new Promise((resolve, reject) => {
      const request = https.request(URL, { method: "POST", headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      });
      request.on("error", reject);
      request.end(body);
    }),
};

console.log(await clients[process.argv[2]]());
