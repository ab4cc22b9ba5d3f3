-- One circuit as it is now, for people to look at; writes nothing.  KEYS: id, st, w, ak, pr.
local st, window, acks, roles = load(KEYS[2]), table_of(KEYS[3]), table_of(KEYS[4]), table_of(KEYS[1])
local kept = redis.call('HMGET', KEYS[2], 'policy', 'policy_body', 'fault_body', 'reset_body')
local policy = kept[1] and cjson.decode(kept[1]) or nil

-- Slots of another size, as a process of other figures counted them, fall into the one that holds their beginning.
local function bars()
  local result, newest = {}, math.floor(now / policy.slot)
  for _ = 1, policy.slots do result[#result + 1] = {} end
  for start, text in pairs(window) do
    local bar, i = result[math.floor(tonumber(start) / policy.slot) - newest + policy.slots], 0
    for part in string.gmatch(bar and text or '', '[^,]+') do
      i = i + 1
      bar[i] = (bar[i] or 0) + tonumber(part)
    end
  end
  return result
end

local instances, seen = {}, redis.call('ZRANGE', KEYS[5], 0, -1, 'WITHSCORES')
for i = 1, #seen, 2 do
  if acks[seen[i]] then
    instances[#instances + 1] = { id = seen[i], role = roles[seen[i]] or '', age = now - tonumber(seen[i + 1]), ack = acks[seen[i]] }
  end
end
local orders = {}
st.orders.policy.body, st.orders.fault.body, st.orders.reset.body = kept[2] or '', kept[3] or '', kept[4] or ''
for slot, order in pairs(st.orders) do
  if order.epoch > 0 then
    orders[slot] = { epoch = order.epoch, act = order.act, body = order.body, age = math.max(0, now - order.at),
      left = order['until'] > 0 and math.max(0, order['until'] - now) or -1 }
  end
end
return cjson.encode({ known = st.known, state = st.state, epoch = st.epoch, age = math.max(0, now - st.at), cause = st.cause,
  left = math.max(0, st['until'] - now), rounds = st.rounds, good = st.good, orders = orders, bars = policy and bars() or {},
  policy = policy, instances = instances })
