-- An operator's override of one circuit. Idempotent by act, fenced by epoch: an older word never replaces a newer one.
-- KEYS: st, ev.  ARGV: name, kind, epoch, act, milliseconds left (-1: until released), cause, milliseconds since the act.
-- Answers 'applied', 'same' or 'stale'.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local name, kind, epoch, act, left, cause = ARGV[1], ARGV[2], tonumber(ARGV[3]), ARGV[4], tonumber(ARGV[5]), ARGV[6]
local held = tonumber(redis.call('HGET', KEYS[1], 'ov_epoch') or '0')
if held > epoch then return 'stale' end
if held == epoch then
  return redis.call('HGET', KEYS[1], 'ov_act') == act and 'same' or 'stale'
end
local state = redis.call('HGET', KEYS[1], 'state') or 'closed'
local before = redis.call('HGET', KEYS[1], 'ov_kind') == 'isolated' and 'isolated' or state
local after = kind == 'isolated' and 'isolated' or state
redis.call('HSET', KEYS[1], 'ov_kind', kind, 'ov_epoch', epoch, 'ov_act', act, 'ov_until', left >= 0 and now + left or 0,
  'ov_at', now - tonumber(ARGV[7]))
if kind == 'isolated' then redis.call('PERSIST', KEYS[1]) else redis.call('PEXPIRE', KEYS[1], 86400000) end
redis.call('XADD', KEYS[2], 'MAXLEN', '~', 10000, '*',
  'circuit', name, 'from', before, 'to', after, 'cause', cause, 'instance', '', 'epoch', epoch)
return 'applied'
