-- For wrk: payments that differ from each other, and a summary as one line of JSON.
-- Arguments: the body with %d where a number belongs, then the Authorization header or nothing.
local requests, at = {}, 0

function init(arguments)
  local headers = { ["Content-Type"] = "application/json" }
  headers["Authorization"] = arguments[2]
  for number = 1, 20000 do
    local body = string.gsub(arguments[1], "%%d", tostring(number))
    requests[number] = wrk.format("POST", nil, headers, body)
  end
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '\n{"requests": %d, "seconds": %f, "broken": %d, "refused": %d, "p50": %f, "p99": %f}\n',
    summary.requests, summary.duration / 1e6, errors.connect + errors.read + errors.write + errors.timeout,
    errors.status, latency:percentile(50) / 1e3, latency:percentile(99) / 1e3))
end
