// What only PayPal's flow has to do: decimal amounts, a certificate, an e-mail asked for.

import assert from 'node:assert/strict'
import { createServer } from 'node:http'
import { test } from 'node:test'

import { cents, checkout, findEmail, reader } from '../paypal-checkout.js'
import { listen } from './shops.js'

test('an amount becomes cents without a float', () => {
  assert.deepEqual(['99.00', '19.99', '0.01', '1000000.00'].map(cents), [9900, 1999, 1, 100_000_000])
  for (const value of ['0.001', '9900', '-1.00', '1e2', '']) assert.throws(() => cents(value), RangeError)
})

test('a certificate from elsewhere is not even fetched', async () => {
  const read = reader(() => assert.fail('fetched'))
  for (const url of [
    'http://api.paypal.com/cert',
    'https://api.paypal.com.evil.example/cert',
    'https://evil.example/api.paypal.com',
    'https://api.paypal.com@evil.example/cert',
  ]) {
    await assert.rejects(() => read({ 'paypal-cert-url': url }, Buffer.from('{}')), /not at an address of PayPal's/)
  }
})

test('ids too long for custom_id are refused when the checkout is created', () => {
  assert.throws(() => checkout('99.00', { sessionId: 's'.repeat(60), visitorId: 'v'.repeat(60) }), /too long/)
})

test("the payer's e-mail is asked for by order", async (t) => {
  const asked = []
  const paypal = createServer((request, response) => {
    asked.push(`${request.method} ${request.url} ${request.headers.authorization}`)
    response.end(JSON.stringify({ access_token: 'A21', payer: { email_address: 'payer@example.com' } }))
  })
  const before = { ...process.env }
  t.after(() => (process.env = before))
  Object.assign(process.env, {
    PAYPAL_BASE_URL: await listen(t, paypal),
    PAYPAL_CLIENT_ID: 'me',
    PAYPAL_CLIENT_SECRET: 'secret',
  })
  assert.equal(await findEmail('ORDER1'), 'payer@example.com')
  assert.deepEqual(asked, [
    `POST /v1/oauth2/token Basic ${Buffer.from('me:secret').toString('base64')}`,
    'GET /v2/checkout/orders/ORDER1 Bearer A21',
  ])
})
