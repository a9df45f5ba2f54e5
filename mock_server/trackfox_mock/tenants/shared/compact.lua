-- Puts a snapshot in the place of the changes that led to it. KEYS: the prefix. ARGV: epoch, version, mark, snapshot.
local prefix, meta = KEYS[1], KEYS[1] .. 'meta'
local now = redis.call('HMGET', meta, 'epoch', 'version', 'mark')
if now[1] ~= ARGV[1] or now[2] ~= ARGV[2] or now[3] ~= ARGV[3] then return 0 end
redis.call('SET', prefix .. 'snapshot', ARGV[4])
redis.call('HSET', meta, 'base', now[2], 'base_mark', now[3])
redis.call('DEL', prefix .. 'log')
return 1
