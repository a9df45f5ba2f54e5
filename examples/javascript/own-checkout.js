// An own checkout: the order's step to `paid` becomes a payment, in the same transaction.

import { createHmac, timingSafeEqual } from 'node:crypto'

import { BadSignature } from './payment.js'

const SCHEMA = `
CREATE TABLE IF NOT EXISTS orders (
    id         TEXT PRIMARY KEY,
    cents      INTEGER NOT NULL CHECK (cents > 0),
    currency   TEXT NOT NULL,
    email      TEXT NOT NULL,
    session_id TEXT,
    visitor_id TEXT,
    paid       INTEGER NOT NULL DEFAULT 0
)`

// The shop's own orders, in the file of the outbox.
export class Orders {
  constructor(outbox) {
    this.outbox = outbox
    this.database = outbox.database
    this.database.exec(SCHEMA)
  }

  // Create an order; the visitor's ids are stored now, while the visitor is here to tell them.
  checkout({ id, cents, currency = 'USD', email, sessionId, visitorId }) {
    this.database.run(
      'INSERT INTO orders (id, cents, currency, email, session_id, visitor_id) VALUES (?, ?, ?, ?, ?, ?)',
      [id, cents, currency, email, sessionId, visitorId],
    )
  }

  // The step to paid and the outbox's row: both or neither. False if the order was paid already.
  markPaid(orderId) {
    this.database.exec('BEGIN IMMEDIATE')
    try {
      const order = this.database.get('UPDATE orders SET paid = 1 WHERE id = ? AND paid = 0 RETURNING *', [orderId])
      const added = order !== null && order !== undefined && this.outbox.add(paymentOf(order))
      this.database.exec('COMMIT')
      return added
    } catch (error) {
      this.database.exec('ROLLBACK')
      throw error
    }
  }

  // Takes the word of the shop's payment worker, {"order_id": …, "status": "paid"}, signed with our secret.
  read = (headers, body) => {
    const expected = createHmac('sha256', process.env.SHOP_WEBHOOK_SECRET).update(body).digest()
    const signature = Buffer.from(headers['shop-signature'] ?? '', 'hex')
    if (signature.length !== expected.length || !timingSafeEqual(signature, expected)) {
      throw new BadSignature('not signed by our payment worker')
    }
    const notice = JSON.parse(body)
    if (notice.status === 'paid') this.markPaid(notice.order_id)
    return null
  }
}

function paymentOf(order) {
  const { id, cents, currency, email, session_id: sessionId, visitor_id: visitorId } = order
  return { id, cents, currency, email, sessionId, visitorId }
}
