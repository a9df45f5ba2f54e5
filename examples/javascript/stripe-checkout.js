// Stripe Checkout: a session that is paid becomes a payment.

import Stripe from 'stripe'

import { BadSignature } from './payment.js'

const PAID = new Set(['checkout.session.completed', 'checkout.session.async_payment_succeeded'])

// The arguments of stripe.checkout.sessions.create: the visitor's ids go into the *session's* metadata.
export function checkout(price, { sessionId, visitorId }) {
  return {
    mode: 'payment',
    line_items: [{ price, quantity: 1 }],
    success_url: 'https://shop.example/thanks',
    metadata: { session_id: sessionId, visitor_id: visitorId },
  }
}

// The payment that a webhook tells of, or null; throws BadSignature if it is not Stripe's.
export function read(headers, body) {
  const event = verified(headers, body)
  const session = event.data.object
  // A completed session may still be unpaid: a bank debit arrives days later, as async_payment_succeeded.
  if (!PAID.has(event.type) || session.payment_status !== 'paid') return null
  return {
    id: session.id,
    cents: session.amount_total,
    currency: session.currency.toUpperCase(),
    sessionId: session.metadata?.session_id,
    visitorId: session.metadata?.visitor_id,
    email: session.customer_details?.email, // customer_email only filled the form
  }
}

function verified(headers, body) {
  try {
    return Stripe.webhooks.constructEvent(body, headers['stripe-signature'], process.env.STRIPE_WEBHOOK_SECRET)
  } catch (error) {
    throw new BadSignature('not signed by Stripe', { cause: error })
  }
}
