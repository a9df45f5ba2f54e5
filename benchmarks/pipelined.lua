-- The document's example sixteen times in a row, before any answer is read: wrk -s benchmarks/pipelined.lua URL
local body = '{"session_id":"ses_lumen_grace","visitor_id":"vis_grace_0d15","website_id":"web_lumen_lamps",'
  .. '"revenue":9900,"email":"customer@example.com"}'
local headers = {
  ["Authorization"] = "Bearer tf_live_lumen_7Qm2xV8dR4kT1cYp",
  ["Content-Type"] = "application/json",
}

init = function()
  local one = wrk.format("POST", "/api/v1/attribute-payment", headers, body)
  sixteen = string.rep(one, 16)
end

request = function()
  return sixteen
end
