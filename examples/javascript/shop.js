// The web application around a provider's webhook: verify, keep, answer, and only then tell TrackFox.

import { createServer } from 'node:http'

import { BadSignature } from './payment.js'

// A server with one route, POST /webhook. `read` takes a request's headers and its raw body, and returns the payment
// that it tells of, if any, or throws BadSignature.
export function createShop(read, outbox) {
  outbox.recover()
  deliver(outbox)
  return createServer(async (request, response) => {
    if (request.method !== 'POST' || request.url !== '/webhook') return answer(response, 404, 'not here')
    try {
      const payment = await read(request.headers, await rawBody(request))
      if (payment) outbox.add(payment)
    } catch (error) {
      if (error instanceof BadSignature) return answer(response, 400, error.message)
      console.error(error)
      return answer(response, 500, 'not kept: send it again')
    }
    // 200 whatever TrackFox will say: to the provider, anything else means "send it again".
    answer(response, 200, 'kept')
    deliver(outbox)
  })
}

// The bytes as they came: parsed and written again, they are others.
async function rawBody(request) {
  const chunks = []
  for await (const chunk of request) chunks.push(chunk)
  return Buffer.concat(chunks)
}

function answer(response, status, text) {
  response.writeHead(status, { 'Content-Type': 'text/plain' }).end(`${text}\n`)
}

function deliver(outbox) {
  outbox.deliver().catch(console.error)
}
