// Lemon Squeezy: a paid order becomes a payment.

import { createHmac, timingSafeEqual } from 'node:crypto'

import { BadSignature } from './payment.js'

// The attributes of a POST /v1/checkouts: the visitor's ids go into checkout_data.custom.
export function checkout(variant, { sessionId, visitorId }) {
  return {
    product_options: { enabled_variants: [variant] },
    checkout_data: { custom: { session_id: sessionId, visitor_id: visitorId } },
  }
}

// The payment that a webhook tells of, or null; throws BadSignature if it is not Lemon Squeezy's.
export function read(headers, body) {
  verify(headers, body)
  const event = JSON.parse(body)
  const order = event.data.attributes
  // A first subscription payment sends subscription_payment_success besides: one payment, two events.
  if (event.meta.event_name !== 'order_created' || order.status !== 'paid') return null
  return {
    id: event.data.id,
    cents: order.total_usd, // Lemon Squeezy's own conversion: yen and euros arrive as US cents
    currency: 'USD',
    sessionId: event.meta.custom_data?.session_id,
    visitorId: event.meta.custom_data?.visitor_id,
    email: order.user_email,
  }
}

function verify(headers, body) {
  const expected = createHmac('sha256', process.env.LEMONSQUEEZY_WEBHOOK_SECRET).update(body).digest()
  const signature = Buffer.from(headers['x-signature'] ?? '', 'hex')
  if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
    throw new BadSignature('not signed by Lemon Squeezy')
  }
}
