// openapi-backend (quick: it knows no OpenAPI 3.1) under node's own server, validating and answering with the document's example: node backend.mjs DOCUMENT PORT
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import yaml from 'js-yaml'
import { OpenAPIBackend } from 'openapi-backend'

const [document, port] = process.argv.slice(2)
const api = new OpenAPIBackend({ definition: yaml.load(readFileSync(document, 'utf8')), quick: true })
api.register({
  notImplemented: (context) => api.mockResponseForOperation(context.operation.operationId),
  validationFail: (context) => ({ status: 400, mock: { error: context.validation.errors } }),
})
await api.init()

createServer((request, response) => {
  const parts = []
  request.on('data', (part) => parts.push(part))
  request.on('end', async () => {
    const call = { method: request.method, path: request.url, headers: request.headers }
    const { status, mock } = await api.handleRequest({ ...call, body: JSON.parse(Buffer.concat(parts)) })
    response.writeHead(status, { 'content-type': 'application/json' })
    response.end(JSON.stringify(mock))
  })
}).listen(Number(port), '127.0.0.1')
