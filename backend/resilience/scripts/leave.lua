-- A process takes its leave of some circuits; with ARGV[2] '1' of the fleet as well. A circuit that its last process lets go by itself, closed
-- and without orders, is forgotten at once: keys that come and go leave nothing behind.
-- KEYS: in, sq, id, ix, nm, then for each breaker st, w, d, rp, cl, ls, ak, pr.  ARGV: the instance, '1' or '0', the breakers' names.
local who, ends = ARGV[1], ARGV[2] == '1'
local LIVE = 3000
local SHARED, OF_CIRCUIT = 5, 8

local function is_blank(st)
  for _, slot in ipairs(SLOTS) do
    if st.orders[slot].epoch > 0 then return false end
  end
  return st.state == 'closed'
end

if ends then
  redis.call('ZREM', KEYS[1], who)
  redis.call('HDEL', KEYS[2], who)
  redis.call('HDEL', KEYS[3], who)
end
for i = 3, #ARGV do
  local keys = {}
  for part = 1, OF_CIRCUIT do keys[part] = KEYS[SHARED + (i - 3) * OF_CIRCUIT + part] end
  redis.call('HDEL', keys[7], who)
  redis.call('ZREM', keys[8], who)
  if not ends and redis.call('ZCOUNT', keys[8], now - LIVE, now) == 0 and is_blank(load(keys[1])) then
    redis.call('DEL', unpack(keys))
    redis.call('ZREM', KEYS[4], ARGV[i])
    redis.call('HDEL', KEYS[5], ARGV[i])
  end
end
return 'left'
