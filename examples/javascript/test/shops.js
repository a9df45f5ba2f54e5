// A shop for each provider, on a free port, with an outbox of its own.

import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import * as lemonsqueezy from '../lemonsqueezy-checkout.js'
import { Outbox } from '../outbox.js'
import * as paddle from '../paddle-checkout.js'
import * as paypal from '../paypal-checkout.js'
import { createShop } from '../shop.js'
import * as stripe from '../stripe-checkout.js'
import { send, SESSION } from './trackfox.js'

export const PROVIDERS = ['stripe', 'paddle', 'lemonsqueezy', 'paypal']

const READERS = { stripe: stripe.read, paddle: paddle.read, lemonsqueezy: lemonsqueezy.read }

const SECRETS = {
  STRIPE_WEBHOOK_SECRET: 'whsec_of_these_tests',
  PADDLE_WEBHOOK_SECRET: 'pdl_of_these_tests',
  LEMONSQUEEZY_WEBHOOK_SECRET: 'lemon_of_these_tests',
  PAYPAL_WEBHOOK_ID: 'WEBHOOKOFTHESETESTS',
}
Object.assign(process.env, SECRETS) // the shop reads them, and so does `trackfox-mock webhook`

let customers = 0

// An e-mail that no other test uses, in this process or in another.
export function customer() {
  return `customer-${process.pid}-${++customers}@example.com`
}

// Resolves to the outbox's rows when nothing in it waits or is being sent.
export async function settled(outbox) {
  for (;;) {
    const rows = outbox.database.all('SELECT state, note, attempts FROM payments ORDER BY rowid')
    if (rows.every(({ state }) => state !== 'waiting' && state !== 'sending')) return rows
    await sleep(5)
  }
}

// A folder that is gone after the test, with an outbox in it.
export async function openOutbox(t, options) {
  const folder = await mkdtemp(join(tmpdir(), 'shop-'))
  const outbox = new Outbox(join(folder, 'shop.db'), { pause: 0, ...options })
  t.after(async () => {
    outbox.close()
    await rm(folder, { recursive: true })
  })
  return { folder, outbox }
}

export async function listen(t, server) {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => server.close())
  return `http://127.0.0.1:${server.address().port}`
}

// A shop whose provider knows its only customer's e-mail. `receive` has the provider send variants of one purchase.
export async function openShop(t, provider, outboxOptions) {
  const email = customer()
  const { folder, outbox } = await openOutbox(t, { findEmail: async () => email, ...outboxOptions })
  const certificate = join(folder, 'paypal.pem')
  const read = READERS[provider] ?? paypal.reader(() => readFile(certificate))
  const url = `${await listen(t, createShop(read, outbox))}/webhook`
  const ids = { session: SESSION.sessionId, visitor: SESSION.visitorId }
  return {
    email,
    url,
    receive: (variants, options) => send(provider, url, { ...ids, email, certificate, ...options }, variants),
    rows: () => settled(outbox),
  }
}
