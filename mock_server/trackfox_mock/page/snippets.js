// A payment in the languages that people ask for first, ready to paste.

const quoted = (text) => `'${text.replaceAll("'", "'\\''")}'`;

/** The body of a payment in a website's session. */
export const payment = (env, more = {}) => ({
  session_id: env.TRACKFOX_SESSION_ID,
  visitor_id: env.TRACKFOX_VISITOR_ID,
  website_id: env.TRACKFOX_WEBSITE_ID,
  revenue: 9900,
  email: "customer@example.com",
  ...more,
});

/** The environment variables, for a shell or a .env file. */
export const variables = (env) => Object.entries(env).map(([name, value]) => `export ${name}=${value.startsWith("$") ? `"${value}"` : quoted(value)}`).join("\n");

const token = (env) => env.TRACKFOX_API_TOKEN;

export function curl(env, path) {
  const shown = token(env).replaceAll('"', '\\"');
  return `curl ${env.TRACKFOX_BASE_URL}${path} \\
  -H "Authorization: Bearer ${shown}" -H "Content-Type: application/json" \\
  -d ${quoted(JSON.stringify(payment(env)))}`;
}

const BODY = ["session_id", "visitor_id", "website_id"];
const NAMES = { session_id: "TRACKFOX_SESSION_ID", visitor_id: "TRACKFOX_VISITOR_ID", website_id: "TRACKFOX_WEBSITE_ID" };

export const node = (path) => `const env = process.env;
const response = await fetch(\`\${env.TRACKFOX_BASE_URL}${path}\`, {
  method: "POST",
  headers: { Authorization: \`Bearer \${env.TRACKFOX_API_TOKEN}\`, "Content-Type": "application/json" },
  body: JSON.stringify({
${BODY.map((name) => `    ${name}: env.${NAMES[name]},`).join("\n")}
    revenue: 9900, // cents
    email: "customer@example.com",
  }),
});
if (!response.ok) throw new Error(\`TrackFox answered \${response.status}: \${await response.text()}\`);`;

export const python = (path) => `import json, os, urllib.request

env = os.environ
body = {
${BODY.map((name) => `    "${name}": env["${NAMES[name]}"],`).join("\n")}
    "revenue": 9900,  # cents
    "email": "customer@example.com",
}
request = urllib.request.Request(
    env["TRACKFOX_BASE_URL"] + "${path}",
    json.dumps(body).encode(),
    {"Authorization": f"Bearer {env['TRACKFOX_API_TOKEN']}", "Content-Type": "application/json"},
)
print(urllib.request.urlopen(request, timeout=10).read().decode())  # raises where it was refused`;

export const php = (path) => `<?php
$response = file_get_contents(getenv('TRACKFOX_BASE_URL') . '${path}', false, stream_context_create(['http' => [
    'method' => 'POST',
    'header' => ['Authorization: Bearer ' . getenv('TRACKFOX_API_TOKEN'), 'Content-Type: application/json'],
    'ignore_errors' => true,
    'content' => json_encode([
${BODY.map((name) => `        '${name}' => getenv('${NAMES[name]}'),`).join("\n")}
        'revenue' => 9900, // cents
        'email' => 'customer@example.com',
    ]),
]]));
echo $http_response_header[0], "\\n", $response, "\\n";`;
