// PayPal: a completed capture becomes a payment.

import { createVerify, X509Certificate } from 'node:crypto'
import { crc32 } from 'node:zlib'

import { BadSignature, CURRENCY } from './payment.js'

const HOSTS = new Set(['api.paypal.com', 'api.sandbox.paypal.com'])

// The body of a POST /v2/checkout/orders: the visitor's ids share one string of at most 127 characters.
export function checkout(value, { sessionId, visitorId }) {
  const customId = new URLSearchParams({ session_id: sessionId, visitor_id: visitorId }).toString()
  if (customId.length > 127) {
    throw new RangeError("ids too long for PayPal's custom_id: keep them in a row of your own, and send its id")
  }
  const amount = { currency_code: CURRENCY, value }
  return { intent: 'CAPTURE', purchase_units: [{ amount, custom_id: customId }] }
}

// The reader of this shop's webhooks. `fetchCertificate` takes an address of PayPal's and returns the PEM.
export function reader(fetchCertificate = fetchOnce()) {
  // The payment that a webhook tells of, or null; throws BadSignature if it is not PayPal's.
  return async function read(headers, body) {
    await verify(headers, body, fetchCertificate)
    const event = JSON.parse(body)
    // CHECKOUT.ORDER.APPROVED is the buyer's word, not yet the money.
    if (event.event_type !== 'PAYMENT.CAPTURE.COMPLETED') return null
    const { id, amount, custom_id: customId, supplementary_data: more } = event.resource
    const ids = new URLSearchParams(customId)
    return {
      id,
      cents: amount.currency_code === CURRENCY ? cents(amount.value) : null,
      currency: amount.currency_code,
      sessionId: ids.get('session_id'),
      visitorId: ids.get('visitor_id'),
      email: null, // a capture names only the merchant, as payee
      emailFrom: more?.related_ids?.order_id,
    }
  }
}

// "19.99" is 1999 exactly; the number 19.99 times 100 is 1998.9999999999998.
export function cents(value) {
  const written = /^(\d+)\.(\d\d)$/.exec(value)
  if (!written) throw new RangeError(`${value} is no amount of dollars and cents`)
  return Number(written[1] + written[2])
}

// Check what PayPal signed: the transmission, its time, our webhook's id and the body's CRC-32.
async function verify(headers, body, fetchCertificate) {
  const signed = [
    headers['paypal-transmission-id'],
    headers['paypal-transmission-time'],
    process.env.PAYPAL_WEBHOOK_ID,
    crc32(body),
  ].join('|')
  const address = addressOfPayPal(headers['paypal-cert-url'])
  const { publicKey } = new X509Certificate(await fetchCertificate(address))
  const signature = headers['paypal-transmission-sig'] ?? ''
  if (!createVerify('RSA-SHA256').update(signed).verify(publicKey, signature, 'base64')) {
    throw new BadSignature('not signed by PayPal')
  }
}

// Whoever sends a request chooses this address, so it must be PayPal's.
function addressOfPayPal(url) {
  const address = URL.canParse(url) ? new URL(url) : null
  if (address?.protocol !== 'https:' || !HOSTS.has(address.host)) {
    throw new BadSignature(`the certificate is not at an address of PayPal's: ${url}`)
  }
  return address.href
}

function fetchOnce() {
  const certificates = new Map()
  return async (url) => {
    if (!certificates.has(url)) {
      const response = await fetch(url, { signal: AbortSignal.timeout(5000) })
      if (!response.ok) throw new Error(`PayPal's certificate: ${response.status}`)
      certificates.set(url, await response.text())
    }
    return certificates.get(url)
  }
}

// The payer's e-mail, asked of PayPal by the outbox: the webhook itself is answered by then.
export async function findEmail(orderId) {
  const baseUrl = process.env.PAYPAL_BASE_URL ?? 'https://api-m.paypal.com'
  const login = Buffer.from(`${process.env.PAYPAL_CLIENT_ID}:${process.env.PAYPAL_CLIENT_SECRET}`).toString('base64')
  const { access_token: token } = await json(`${baseUrl}/v1/oauth2/token`, {
    method: 'POST',
    headers: { Authorization: `Basic ${login}` },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
  })
  const order = await json(`${baseUrl}/v2/checkout/orders/${orderId}`, { headers: { Authorization: `Bearer ${token}` } })
  return order.payer.email_address
}

async function json(url, options) {
  const response = await fetch(url, { ...options, signal: AbortSignal.timeout(10_000) })
  if (!response.ok) throw new Error(`PayPal answered ${response.status}`)
  return response.json()
}
