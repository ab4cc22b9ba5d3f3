-- One circuit as it is now, for people to look at; writes nothing.
-- KEYS: in, id, st, w, ls, ak.  ARGV: slot milliseconds, slots.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local slot_ms, slots = tonumber(ARGV[1]), tonumber(ARGV[2])

local function table_of(key)
  local flat, result = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do result[flat[i]] = flat[i + 1] end
  return result
end

local st, window, acks = table_of(KEYS[3]), table_of(KEYS[4]), table_of(KEYS[6])
local newest = math.floor(now / slot_ms)
local bars = {}
for i = 1, slots do bars[i] = window[tostring(newest - slots + i)] or '' end
local roles, instances = table_of(KEYS[2]), {}
local seen = redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
for i = 1, #seen, 2 do
  if acks[seen[i]] then
    instances[#instances + 1] = { id = seen[i], role = roles[seen[i]] or '', age = now - tonumber(seen[i + 1]), ack = acks[seen[i]] }
  end
end
local ends = tonumber(st.ov_until or '0')
local left = ends > 0 and ends - now or -1
local kind = st.ov_kind or 'none'
if ends > 0 and left <= 0 then kind, left = 'none', -1 end
return cjson.encode({ known = st.state ~= nil, state = st.state or 'closed', epoch = tonumber(st.epoch or '0'),
  age = now - tonumber(st.at or now), left = math.max(0, tonumber(st['until'] or '0') - now), rounds = tonumber(st.rounds or '0'),
  good = tonumber(st.good or '0'), ov_kind = kind, ov_epoch = tonumber(st.ov_epoch or '0'), ov_act = st.ov_act or '', ov_left = left,
  ov_age = math.max(0, now - tonumber(st.ov_at or now)), bars = bars, instances = instances })
