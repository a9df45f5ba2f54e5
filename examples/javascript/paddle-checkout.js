// Paddle Billing: a completed transaction becomes a payment.

import { Paddle } from '@paddle/paddle-node-sdk'

import { BadSignature } from './payment.js'

// What the page hands to Paddle.Checkout.open: the visitor's ids go into customData.
export function checkout(price, { sessionId, visitorId }) {
  return {
    items: [{ priceId: price, quantity: 1 }],
    customData: { session_id: sessionId, visitor_id: visitorId },
  }
}

// The payment that a webhook tells of, or null; throws BadSignature if it is not Paddle's.
export async function read(headers, body) {
  const event = await verified(headers, body)
  // transaction.paid comes too, a moment earlier, for the same transaction.
  if (event.eventType !== 'transaction.completed') return null
  const transaction = event.data
  // Paddle copies custom data to a subscription's renewals, which no visitor's session led to.
  if (transaction.origin === 'subscription_recurring') return null
  return {
    id: transaction.id,
    cents: Number(transaction.details.totals.grandTotal), // a string of cents: "9900"
    currency: transaction.currencyCode,
    sessionId: transaction.customData?.session_id,
    visitorId: transaction.customData?.visitor_id,
    email: null, // Paddle's webhooks hold only the customer's id
    emailFrom: transaction.customerId,
  }
}

async function verified(headers, body) {
  try {
    // Not `new Webhooks()`, which the SDK also exports: it refuses every signature until some Paddle was made.
    const { webhooks } = new Paddle(process.env.PADDLE_API_KEY)
    return await webhooks.unmarshal(body.toString(), process.env.PADDLE_WEBHOOK_SECRET, headers['paddle-signature'])
  } catch (error) {
    throw new BadSignature('not signed by Paddle within the last five seconds', { cause: error })
  }
}

// The e-mail of a customer, asked of Paddle by the outbox: the webhook itself is answered by then.
export async function findEmail(customerId) {
  const customer = await new Paddle(process.env.PADDLE_API_KEY).customers.get(customerId)
  return customer.email
}
