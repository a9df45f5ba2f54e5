// Payments that TrackFox is yet to be told of: a table that survives a crash and counts no payment twice.

import { setTimeout as sleep } from 'node:timers/promises'

import sqlite from 'node-sqlite3-wasm' // from Node 22 on, node:sqlite does the same without a package

import { attribute } from './attribution.js'
import { problemOf } from './payment.js'

const SCHEMA = `
CREATE TABLE IF NOT EXISTS payments (
    id         TEXT PRIMARY KEY,  -- the payment's own id: the database, not an if, refuses the second one
    session_id TEXT,
    visitor_id TEXT,
    cents      INTEGER,
    email      TEXT,
    email_from TEXT,
    state      TEXT NOT NULL,     -- waiting, sending, attributed, refused, unknown, failed, set aside
    attempts   INTEGER NOT NULL DEFAULT 0,
    note       TEXT
)`

export class Outbox {
  // path: the SQLite file. findEmail: asks the provider for the e-mail of a customer (Paddle) or an order (PayPal).
  // attempts: how often a payment that was never sent is tried. pause: milliseconds before the second try, then doubled.
  constructor(path, { findEmail, attempts = 3, pause = 1000, timeout } = {}) {
    this.database = new sqlite.Database(path)
    this.database.exec(SCHEMA)
    Object.assign(this, { findEmail, attempts, pause, timeout })
  }

  // Keep a payment; false if it was here already.
  add(payment) {
    const problem = problemOf(payment)
    const { changes } = this.database.run(
      `INSERT INTO payments (id, session_id, visitor_id, cents, email, email_from, state, note)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
      [
        payment.id,
        payment.sessionId ?? null,
        payment.visitorId ?? null,
        payment.cents ?? null,
        payment.email ?? null,
        payment.emailFrom ?? null,
        problem ? 'set aside' : 'waiting',
        problem,
      ],
    )
    return changes === 1
  }

  // Tell TrackFox of every payment that waits, one after the other.
  async deliver() {
    for (let row = this.#claim(); row; row = this.#claim()) {
      const { state, note } = await this.#tell(row)
      const waits = state === 'waiting' && row.attempts < this.attempts
      const kept = state === 'waiting' && !waits ? 'failed' : state
      this.database.run('UPDATE payments SET state = ?, note = ? WHERE id = ?', [kept, note, row.id])
      if (waits) await sleep(this.pause * 2 ** (row.attempts - 1))
    }
  }

  // After a crash: what was being sent may have been counted. A person decides, not a retry.
  recover() {
    this.database.run("UPDATE payments SET state = 'unknown', note = 'crashed' WHERE state = 'sending'")
  }

  close() {
    this.database.close()
  }

  // Mark one payment as being sent before it is: two deliveries never send the same one.
  #claim() {
    return this.database.get(
      `UPDATE payments SET state = 'sending', attempts = attempts + 1
       WHERE id = (SELECT id FROM payments WHERE state = 'waiting' LIMIT 1) RETURNING *`,
    )
  }

  async #tell(row) {
    let { email } = row
    try {
      email ??= await this.findEmail(row.email_from)
    } catch (error) {
      return { state: 'waiting', note: `no e-mail yet: ${error.message}` }
    }
    const { session_id: sessionId, visitor_id: visitorId, cents } = row
    return attribute({ sessionId, visitorId, cents, email }, this.timeout)
  }
}
