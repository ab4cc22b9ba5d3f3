-- A circuit's record, as every script reads and writes it.
local DAY = 86400000
local SLOTS = { 'override', 'policy', 'fault', 'reset' }
local FIELDS = { 'state', 'epoch', 'at', 'until', 'rounds', 'good', 'cause', 'alone', 'would', 'digest', 'override_body',
  'override_epoch', 'override_act', 'override_until', 'override_at', 'policy_epoch', 'policy_act', 'policy_until', 'policy_at',
  'fault_epoch', 'fault_act', 'fault_until', 'fault_at', 'reset_epoch', 'reset_act', 'reset_until', 'reset_at' }

local function table_of(key)
  local flat, result = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do result[flat[i]] = flat[i + 1] end
  return result
end

local function load(key)
  local kept = {}
  for i, value in ipairs(redis.call('HMGET', key, unpack(FIELDS))) do kept[FIELDS[i]] = value or nil end
  local function number(field) return tonumber(kept[field] or '0') end
  local st = { known = kept.state ~= nil, state = kept.state or 'closed', epoch = number('epoch'), at = tonumber(kept.at or now),
    ['until'] = number('until'), rounds = number('rounds'), good = number('good'), cause = kept.cause or '',
    alone = number('alone'), would = number('would'), digest = kept.digest, orders = {} }
  for _, slot in ipairs(SLOTS) do
    st.orders[slot] = { epoch = number(slot .. '_epoch'), act = kept[slot .. '_act'] or '', ['until'] = number(slot .. '_until'),
      at = number(slot .. '_at') }
  end
  st.orders.override.body = kept.override_body or 'none'
  return st
end

local function is_over(order) return order['until'] > 0 and order['until'] <= now end

local function override_of(st) return is_over(st.orders.override) and 'none' or st.orders.override.body end

local function shown(st)
  local override = override_of(st)
  return override ~= 'none' and override or st.state
end

local function keep(key, st)
  redis.call('HSET', key, 'schema', 2, 'state', st.state, 'epoch', st.epoch, 'at', st.at, 'until', st['until'],
    'rounds', st.rounds, 'good', st.good, 'cause', st.cause)
end

-- Kept for a day after the last word of anybody; while an override stands, until it does not.
local function touch(key, st)
  if override_of(st) == 'none' then redis.call('PEXPIRE', key, DAY) else redis.call('PERSIST', key) end
end

local function keep_order(key, st, slot, order)
  st.orders[slot] = order
  redis.call('HSET', key, slot .. '_epoch', order.epoch, slot .. '_act', order.act, slot .. '_body', order.body,
    slot .. '_until', order['until'], slot .. '_at', order.at)
end

local function event(key, name, from, to, cause, who, epoch, slot)
  redis.call('XADD', key, 'MAXLEN', '~', 10000, '*', 'circuit', name, 'from', from, 'to', to, 'cause', cause,
    'instance', who, 'epoch', epoch, 'slot', slot or '')
end

-- What was counted towards the next move, and the leave to probe, belong to the epoch that ends here.
local function forget_epoch(keys, st)
  redis.call('DEL', keys.d, keys.rp, keys.ls)
  redis.call('HDEL', keys.st, 'alone', 'would')
  st.alone, st.would = 0, 0
end

local function move(keys, st, to, cause, name, who)
  local from = st.state
  st.state, st.epoch, st.at, st.good, st.cause = to, st.epoch + 1, now, 0, cause
  if to ~= 'open' then st['until'] = 0 end
  if to == 'closed' then st.rounds = 0 end
  forget_epoch(keys, st)
  keep(keys.st, st)
  event(keys.ev, name, from, to, cause, who, st.epoch)
end
