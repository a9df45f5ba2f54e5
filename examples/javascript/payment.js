// A payment as TrackFox is told of it, whichever provider it came through.

// The endpoint takes cents of no named currency. One currency, chosen once, keeps the sum meaningful.
export const CURRENCY = 'USD'

// The request does not come from the provider, or its body was changed on the way.
export class BadSignature extends Error {}

// A payment is { id, cents, currency, sessionId, visitorId, email, emailFrom }:
//   id         the payment's own id (a session's, an order's, a capture's), never the event's: events repeat
//   cents      what was paid; null where it cannot be said in cents
//   emailFrom  where to ask for the e-mail if the webhook holds none: Paddle's customer, PayPal's order

// Why TrackFox cannot be told of it, or null.
export function problemOf(payment) {
  if (payment.currency !== CURRENCY) {
    return `paid in ${payment.currency}: only cents of ${CURRENCY} are attributed`
  }
  if (!payment.cents) return 'nothing was paid'
  if (!payment.sessionId || !payment.visitorId) return "the checkout was created without the visitor's ids"
  if (!payment.email && !payment.emailFrom) return 'the customer left no e-mail'
  return null
}
