-- A node says that it is there, as it does again every second. KEYS: the prefix. ARGV: the node's name, the seconds that
-- it counts as there, a fresh epoch, and in pairs what all nodes must have in common.
local prefix, meta, nodes = KEYS[1], KEYS[1] .. 'meta', KEYS[1] .. 'nodes'
local call = redis.call
local now = tonumber(call('TIME')[1])
local epoch = call('HGET', meta, 'epoch')

call('ZREMRANGEBYSCORE', nodes, '-inf', now - tonumber(ARGV[2]))
call('ZREM', nodes, ARGV[1])
local others = call('ZCARD', nodes)
local differs = {}
for place = 4, #ARGV, 2 do
  local known = call('HGET', meta, 'of:' .. ARGV[place])
  if known ~= ARGV[place + 1] then
    if known and (others > 0 or ARGV[place] == 'format') then return {'differs', ARGV[place], known} end
    differs[#differs + 1] = place
  end
end
if not epoch then
  call('HSET', meta, 'version', 0, 'mark', '', 'base', 0, 'base_mark', '', 'last_payment', 0, 'last_request', 0, 'oldest_request', 1)
end
for _, place in ipairs(differs) do call('HSET', meta, 'of:' .. ARGV[place], ARGV[place + 1]) end
if not epoch or #differs > 0 then
  epoch = ARGV[3]
  call('HSET', meta, 'epoch', epoch)
end
call('ZADD', nodes, now, ARGV[1])
return {'joined', epoch}
