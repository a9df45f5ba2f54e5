// The mock that these tests run against, and the command that signs webhooks: trackfox-mock exec -- npm test

import { execFile } from 'node:child_process'

export const SESSION = { sessionId: process.env.TRACKFOX_SESSION_ID, visitorId: process.env.TRACKFOX_VISITOR_ID }

export const SKIP = process.env.TRACKFOX_BASE_URL ? false : 'no mock: run this as  trackfox-mock exec -- npm test'

// What the mock recorded for one customer. Each test has a customer of its own.
export async function payments(email) {
  const { payments } = await admin(`payments?email=${encodeURIComponent(email)}`)
  return payments.map(({ revenue }) => revenue)
}

// How many requests arrived about one customer, refused ones too.
export async function requests(email) {
  const { requests } = await admin('requests')
  return requests.filter(({ request }) => request.body.includes(email)).length
}

// Say that this test means to be refused, so that `exec --strict` does not count it as a mistake.
export async function expectRefusal(t, rule) {
  const { id } = await admin('expectations', { method: 'POST', body: JSON.stringify({ rule }) })
  t.after(() => admin(`expectations/${id}`, { method: 'DELETE' }))
}

async function admin(what, options) {
  const response = await fetch(`${process.env.TRACKFOX_BASE_URL}/__admin/${what}`, options)
  if (!response.ok) throw new Error(`the mock answered ${response.status}: ${await response.text()}`)
  return response.json()
}

// Have a provider send events; resolves to the exit code: 0 if the shop took every one, 1 if not.
export function send(provider, url, options, variants = ['paid']) {
  const flags = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)])
  const chosen = variants.flatMap((variant) => ['--variant', variant])
  return new Promise((resolve, reject) => {
    execFile('trackfox-mock', ['webhook', provider, '--to', url, ...flags, ...chosen], (error, stdout, stderr) => {
      const code = error ? error.code : 0
      if (code === 0 || code === 1) resolve(code)
      else reject(new Error(stderr || String(error)))
    })
  })
}
