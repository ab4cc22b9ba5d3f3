-- An operator's order on one circuit. Idempotent by act, fenced by epoch: an older word never replaces a newer one of its slot.
-- KEYS: st, w, d, rp, ls, ev, or.  ARGV: name, slot, body, epoch, act, milliseconds left (-1: until the next), cause, milliseconds since.
-- Answers 'applied', 'same' or 'stale'.
local keys = { st = KEYS[1], w = KEYS[2], d = KEYS[3], rp = KEYS[4], ls = KEYS[5], ev = KEYS[6], orders = KEYS[7] }
local name, slot, body, epoch, act, left, cause = ARGV[1], ARGV[2], ARGV[3], tonumber(ARGV[4]), ARGV[5], tonumber(ARGV[6]), ARGV[7]
local st = load(keys.st)
local held = st.orders[slot]
if held.epoch > epoch then return 'stale' end
if held.epoch == epoch then return held.act == act and 'same' or 'stale' end

local before = shown(st)
keep_order(keys.st, st, slot, { epoch = epoch, act = act, body = body, ['until'] = left >= 0 and now + left or 0,
  at = now - tonumber(ARGV[8]) })
if slot == 'override' then event(keys.ev, name, before, shown(st), cause, '', epoch, slot) end
if slot == 'reset' then
  redis.call('DEL', keys.w)
  move(keys, st, 'closed', cause, name, '')
end
touch(keys.st, st)
redis.call('XADD', keys.orders, 'MAXLEN', '~', 1000, '*', 'circuit', name, 'slot', slot)
return 'applied'
