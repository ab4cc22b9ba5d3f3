-- Keep answers for a while; all of them together stay below a number of bytes: the first written go first.
-- KEYS: order (names by the time they were written), sizes (bytes by name), total (bytes), then one key for each answer.
-- ARGV: milliseconds each is kept, most bytes of all, what the answers' keys begin with, then name and bytes of each.
local order, sizes, total = KEYS[1], KEYS[2], KEYS[3]
local kept, most, prefix = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

local function forget(name)
  local size = tonumber(redis.call('HGET', sizes, name) or '0')
  redis.call('UNLINK', prefix .. name)
  redis.call('HDEL', sizes, name)
  redis.call('ZREM', order, name)
  return redis.call('DECRBY', total, size)
end

-- A server short of memory may have dropped one of the three; without all of them they say nothing true. Answers end by themselves.
if redis.call('EXISTS', order, sizes, total) < 3 then redis.call('DEL', order, sizes, total) end
for _, name in ipairs(redis.call('ZRANGE', order, '-inf', now - kept * 1000, 'BYSCORE')) do forget(name) end
local bytes = tonumber(redis.call('GET', total) or '0')
for i = 4, #KEYS do
  local name, body = ARGV[2 * i - 4], ARGV[2 * i - 3]
  if redis.call('HEXISTS', sizes, name) == 1 then forget(name) end
  redis.call('SET', KEYS[i], body, 'PX', kept)
  redis.call('HSET', sizes, name, #body)
  redis.call('ZADD', order, now + i, name)
  bytes = redis.call('INCRBY', total, #body)
  while bytes > most do bytes = forget(redis.call('ZRANGE', order, 0, 0)[1]) end
end
for _, key in ipairs({ order, sizes, total }) do redis.call('PEXPIRE', key, kept) end
return bytes
