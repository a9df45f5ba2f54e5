// One call of TrackFox's attribute-payment endpoint, and what its outcome means.

const TIMEOUT = 10_000 // milliseconds; without one, a call that hangs keeps the outbox waiting for ever

// These mean that no connection was made, so nothing was sent.
const NOT_CONNECTED = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'UND_ERR_CONNECT_TIMEOUT'])

// Tell TrackFox of one payment. Returns the state that its row takes next, and a note:
//   attributed  done
//   waiting     nothing was sent, so another try cannot count twice
//   refused     the answer is final, another try would get the same
//   unknown     it may have been counted, so nobody tries again unasked
export async function attribute({ sessionId, visitorId, cents, email }, timeout = TIMEOUT) {
  const baseUrl = process.env.TRACKFOX_BASE_URL ?? 'https://trackfox.app'
  try {
    const response = await fetch(`${baseUrl}/api/v1/attribute-payment`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${process.env.TRACKFOX_API_TOKEN}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({
        website_id: process.env.TRACKFOX_WEBSITE_ID,
        session_id: sessionId,
        visitor_id: visitorId,
        revenue: cents,
        email,
      }),
      redirect: 'manual',
      signal: AbortSignal.timeout(timeout),
    })
    return outcome(response.status, await response.text())
  } catch (error) {
    if (NOT_CONNECTED.has(error.cause?.code)) return { state: 'waiting', note: `not reached: ${error.cause.code}` }
    return { state: 'unknown', note: `sent, and no answer came: ${error.name}` }
  }
}

function outcome(status, text) {
  const note = `${status} ${text.slice(0, 200)}`
  if (status === 200) return { state: 'attributed', note }
  if (status === 429) return { state: 'waiting', note }
  if (status >= 500) return { state: 'unknown', note }
  return { state: 'refused', note }
}
