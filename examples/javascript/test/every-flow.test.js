// What every flow must do, whichever provider sends the webhook.

import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { test } from 'node:test'

import { openShop, PROVIDERS } from './shops.js'
import { expectRefusal, payments, requests, SKIP } from './trackfox.js'

for (const provider of PROVIDERS) {
  test(`${provider}: a paid checkout is attributed once, whatever else is sent about it`, { skip: SKIP }, async (t) => {
    const shop = await openShop(t, provider)
    const code = await shop.receive(['paid', 'paid', 'duplicate', 'twin', 'delayed', 'unpaid', 'refund'], { amount: 1999 })
    assert.equal(code, 0)
    const rows = await shop.rows()
    assert.deepEqual(rows.map(({ state, attempts }) => [state, attempts]), [['attributed', 1]])
    assert.deepEqual(await payments(shop.email), [1999])
  })

  test(`${provider}: money that comes days later is attributed then`, { skip: SKIP }, async (t) => {
    const shop = await openShop(t, provider)
    await shop.receive(['unpaid', 'twin', 'refund'])
    assert.deepEqual(await shop.rows(), [])
    await shop.receive(['delayed'])
    await shop.rows()
    assert.deepEqual(await payments(shop.email), [9900])
  })

  test(`${provider}: what cannot be attributed is answered, and kept with the reason`, { skip: SKIP }, async (t) => {
    const shop = await openShop(t, provider)
    assert.equal(await shop.receive(['zero', 'missing-metadata', 'null-email']), 0)
    const notes = (await shop.rows()).map(({ state, note }) => `${state}: ${note}`)
    // Stripe says no_payment_required, so that flow keeps no row at all.
    if (provider !== 'stripe') assert.equal(notes.shift(), 'set aside: nothing was paid')
    assert.deepEqual(notes, [
      "set aside: the checkout was created without the visitor's ids",
      'set aside: the customer left no e-mail',
    ])
    assert.equal(await requests(shop.email), 0)
  })

  test(`${provider}: yen are never taken for cents`, { skip: SKIP }, async (t) => {
    const shop = await openShop(t, provider)
    assert.equal(await shop.receive(['jpy'], { amount: 9900 }), 0)
    await shop.rows()
    // Lemon Squeezy tells the same in US cents.
    assert.deepEqual(await payments(shop.email), provider === 'lemonsqueezy' ? [6603] : [])
  })

  test(`${provider}: another secret is refused`, { skip: SKIP }, async (t) => {
    const shop = await openShop(t, provider)
    assert.equal(await shop.receive(['paid'], { secret: 'whsec_somebody_else' }), 1)
    const unsigned = await fetch(shop.url, { method: 'POST', body: '{"event_type": "transaction.completed"}' })
    assert.equal(unsigned.status, 400)
    assert.deepEqual(await shop.rows(), [])
  })

  test(`${provider}: a 404 is final, and the provider never sees it`, { skip: SKIP }, async (t) => {
    const shop = await openShop(t, provider)
    await expectRefusal(t, 'match.session')
    assert.equal(await shop.receive(['paid', 'duplicate'], { session: 'ses_nobody' }), 0)
    const [row] = await shop.rows()
    assert.deepEqual([row.state, row.attempts], ['refused', 1])
    assert.match(row.note, /^404 /)
    assert.equal(await requests(shop.email), 1)
  })
}

test('a TrackFox that answers 500 leaves the outcome unknown, and is not asked again', { skip: SKIP }, async (t) => {
  let asked = 0
  await insteadOfTrackFox(t, (socket) => {
    asked += 1
    socket.end('HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\nConnection: close\r\n\r\n')
  })
  const shop = await openShop(t, 'stripe')
  assert.equal(await shop.receive(['paid', 'duplicate']), 0)
  const [row] = await shop.rows()
  assert.deepEqual([row.state, row.attempts, asked], ['unknown', 1, 1])
})

test('a TrackFox that never answers leaves the outcome unknown', { skip: SKIP }, async (t) => {
  await insteadOfTrackFox(t, () => {})
  const shop = await openShop(t, 'stripe', { timeout: 50 })
  assert.equal(await shop.receive(['paid']), 0)
  const [row] = await shop.rows()
  assert.deepEqual([row.state, row.note], ['unknown', 'sent, and no answer came: TimeoutError'])
})

// A listener that takes TrackFox's place for one test.
async function insteadOfTrackFox(t, onRequest) {
  const sockets = new Set()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.once('data', () => onRequest(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const before = process.env.TRACKFOX_BASE_URL
  process.env.TRACKFOX_BASE_URL = `http://127.0.0.1:${server.address().port}`
  t.after(() => {
    process.env.TRACKFOX_BASE_URL = before
    for (const socket of sockets) socket.destroy()
    server.close()
  })
}
