-- What a node does not know yet. KEYS: the prefix. ARGV: the version that it knows, or -1, and its mark; the last request
-- that it knows; how many requests it keeps, or 0 where it wants none.
-- A store that was restarted with old data may come to a version again by other changes: marks tell the two apart.
local prefix, meta = KEYS[1], KEYS[1] .. 'meta'
local call = redis.call
local known, mark, last_known, size = tonumber(ARGV[1]), ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local facts = call('HMGET', meta, 'epoch', 'version', 'base', 'last_request', 'mark', 'base_mark')
if not facts[1] then return {'lost'} end
-- Changes nothing, and is refused where nothing can be written: a store that is full or a replica is not to look well.
call('HSETNX', meta, 'epoch', '')
local version, base, last = tonumber(facts[2]), tonumber(facts[3]), tonumber(facts[4])

local function mark_of(place)
  if place == base then return facts[6] end
  local change = call('LINDEX', prefix .. 'log', place - base - 1)
  return change and string.match(change, '^[^ ]*')
end

local snapshot, log, kept = false, {}, {}
if known < base or known > version or mark_of(known) ~= mark then
  snapshot, known = call('GET', prefix .. 'snapshot') or '', base
end
if snapshot or known < version then
  log = call('LRANGE', prefix .. 'log', known - base, -1)
  kept = call('HGETALL', prefix .. 'kept')
end

local numbers, requests, counts = {}, {}, {}
if size > 0 then
  for number = math.max(last_known + 1, last - size + 1), last do numbers[#numbers + 1] = number end
  for start = 1, #numbers, 1000 do
    local found = call('HMGET', prefix .. 'requests', unpack(numbers, start, math.min(start + 999, #numbers)))
    for _, request in ipairs(found) do requests[#requests + 1] = request end
  end
  counts = call('HGETALL', prefix .. 'counts')
end
return {facts[1], version, facts[5], snapshot, log, kept, last, numbers, requests, counts}
