-- Takes what was decided, whole or not at all, if the decision rests on what is true now.
-- KEYS: the prefix of all names. ARGV: epoch, version and mark that the decision rests on, a mark for what is new, the
-- most payments of a website (0: no end), the most requests, and then nine lists, each after its length; a length of -1
-- stands for all there are.
local prefix, at = KEYS[1], 0
local call = redis.call

local function word()
  at = at + 1
  return ARGV[at]
end

local function each(length, act)
  for _ = 1, length do act() end
end

local function name(kind, owner) return prefix .. kind .. ':' .. owner end

local meta, totals, requests, counts = prefix .. 'meta', prefix .. 'totals', prefix .. 'requests', prefix .. 'counts'
local now = call('HMGET', meta, 'epoch', 'version', 'mark')
if now[1] ~= word() then return {'lost'} end
local is_stale = now[2] ~= word()
if now[3] ~= word() or is_stale then return {'stale'} end
local mark = word()
local most_payments, most_requests = tonumber(word()), tonumber(word())
-- The first thing that is written is one that a full store refuses: then nothing else is.
call('HINCRBY', meta, 'commits', 1)

-- 1: the number of the last payment, if it is set
each(tonumber(word()), function() call('HSET', meta, 'last_payment', word()) end)

-- 2: websites of which every payment is dropped
local function drop_payments(owner)
  call('UNLINK', name('payments', owner), name('numbers', owner), name('known', owner))
  call('HDEL', totals, owner)
end
local wiped = tonumber(word())
if wiped < 0 then
  for _, owner in ipairs(call('HKEYS', totals)) do drop_payments(owner) end
end
each(wiped, function() drop_payments(word()) end)

-- 3: what is kept under a name
each(tonumber(word()), function()
  local key = word()
  call('HSET', prefix .. 'kept', key, word())
end)

-- 4: changes that every node has to make too
local changes = tonumber(word())
each(changes, function() call('RPUSH', prefix .. 'log', mark .. ' ' .. word()) end)
if changes > 0 then call('HSET', meta, 'mark', mark) end
local version = changes > 0 and call('HINCRBY', meta, 'version', changes) or tonumber(now[2])

-- 5 and 6: payments with a number, and without one: website, likeness, number or 'once' or '', payment
local recorded = {}
local function keep_payment(owner, likeness, number, payment)
  call('HSET', name('payments', owner), number, payment)
  call('RPUSH', name('numbers', owner), number)
  call('HINCRBY', totals, owner, 1)
  call('ZADD', name('known', owner), number, likeness)
  call('ZREMRANGEBYRANK', name('known', owner), 0, -10001)
  if most_payments > 0 and call('LLEN', name('numbers', owner)) > most_payments then
    call('HDEL', name('payments', owner), call('LPOP', name('numbers', owner)))
  end
end
each(tonumber(word()), function()
  local owner, likeness, number = word(), word(), word()
  keep_payment(owner, likeness, number, word())
end)
each(tonumber(word()), function()
  local owner, likeness, once, payment = word(), word(), word(), word()
  local twin = call('ZSCORE', name('known', owner), likeness)
  local twin_payment = twin and call('HGET', name('payments', owner), twin) or ''
  local number = twin
  if once == '' or not twin then
    number = call('HINCRBY', meta, 'last_payment', 1)
    keep_payment(owner, likeness, number, payment)
  end
  recorded[#recorded + 1] = {tonumber(number), tonumber(twin or 0), twin_payment}
end)

-- 7: numbers of requests that are dropped
local dropped = tonumber(word())
if dropped < 0 then call('UNLINK', requests, counts) end
each(dropped, function() call('HDEL', requests, word()) end)

-- 8: requests: number, or 0 for the next one; which of the recorded payments is theirs, or 0; request
local first
each(tonumber(word()), function()
  local number, payment, request = tonumber(word()), recorded[tonumber(word())], word()
  if number == 0 then
    number = call('HINCRBY', meta, 'last_request', 1)
    first = first or number
    request = (payment and (payment[1] .. ' ' .. payment[2]) or '0 0') .. ' ' .. request
  elseif number > tonumber(call('HGET', meta, 'last_request')) then
    call('HSET', meta, 'last_request', number)
  end
  call('HSET', requests, number, request)
end)
if most_requests > 0 then
  local facts = call('HMGET', meta, 'oldest_request', 'last_request')
  local oldest, last = tonumber(facts[1]), tonumber(facts[2])
  while oldest <= last - most_requests do
    call('HDEL', requests, oldest)
    oldest = oldest + 1
  end
  call('HSET', meta, 'oldest_request', oldest)
end
if first then call('PUBLISH', prefix .. 'arrived', first) end

-- 9: how many requests more there were of a kind, or less
each(tonumber(word()), function()
  local kind, more = word(), word()
  if call('HINCRBY', counts, kind, more) == 0 then call('HDEL', counts, kind) end
end)

return {'taken', version, first or 0, call('LLEN', prefix .. 'log'), recorded}
