-- One process's exchange for all its breakers: counts what it saw, moves the circuits, answers with state, override and probe leases.
-- KEYS: ev, in, ix, sq, id, then for each breaker st, w, d, rp, cl, ls, ak.  ARGV[1]: the exchange as JSON.
-- Instants are this server's; clients send and receive durations in milliseconds.
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local request = cjson.decode(ARGV[1])
local who = request.instance
local DAY = 86400000
local FORGET = 60000
local HEARING = 300

local function table_of(key)
  local flat, result = redis.call('HGETALL', key), {}
  for i = 1, #flat, 2 do result[flat[i]] = flat[i + 1] end
  return result
end

local function event(name, from, to, cause, epoch)
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', 10000, '*',
    'circuit', name, 'from', from, 'to', to, 'cause', cause, 'instance', who, 'epoch', epoch)
end

local function keep(keys, st)
  redis.call('HSET', keys.st, 'schema', 1, 'state', st.state, 'epoch', st.epoch, 'at', st.at, 'until', st['until'],
    'rounds', st.rounds, 'good', st.good)
  if redis.call('HGET', keys.st, 'ov_kind') == 'isolated' then
    redis.call('PERSIST', keys.st)
  else
    redis.call('PEXPIRE', keys.st, DAY)
  end
end

local function move(b, keys, st, to, cause)
  local from = st.state
  st.state, st.epoch, st.at, st.good = to, st.epoch + 1, now, 0
  if to == 'open' then
    local wait = math.min(b.policy.wait * 2 ^ math.min(st.rounds, 30), b.policy.longest)
    st['until'] = now + math.floor(wait * (1 + b.policy.jitter * b.chance))
  else
    st['until'] = 0
  end
  if to == 'closed' then st.rounds = 0 end
  redis.call('DEL', keys.d, keys.rp)
  redis.call('HDEL', keys.st, 'alone')
  if to ~= 'half_open' then redis.call('DEL', keys.ls) end
  keep(keys, st)
  event(b.name, from, to, cause, st.epoch)
end

-- The circuit as kept, or as this process remembers it when the store has forgotten (a higher epoch can only have come from here).
local function recall(b, keys)
  local kept = table_of(keys.st)
  local st = { state = kept.state or 'closed', epoch = tonumber(kept.epoch or '0'), at = tonumber(kept.at or now),
    ['until'] = tonumber(kept['until'] or '0'), rounds = tonumber(kept.rounds or '0'), good = tonumber(kept.good or '0') }
  if b.known.epoch > st.epoch then
    local from = kept.state or 'forgotten'
    st.state, st.epoch, st.rounds, st.at, st.good = b.known.state, b.known.epoch, b.known.rounds, now - b.known.age, 0
    st['until'] = now + b.known.left
    if st.state == 'half_open' then st.state = 'open' end
    keep(keys, st)
    event(b.name, from, st.state, 'reseeded', st.epoch)
  elseif not kept.state then
    keep(keys, st)
  end
  local ov = { kind = kept.ov_kind or 'none', epoch = tonumber(kept.ov_epoch or '0'), act = kept.ov_act or '',
    ['until'] = tonumber(kept.ov_until or '0'), at = tonumber(kept.ov_at or '0') }
  if b.override.epoch > ov.epoch then
    ov.kind, ov.epoch, ov.act, ov.at = b.override.kind, b.override.epoch, b.override.act, now - b.override.age
    ov['until'] = b.override.left >= 0 and now + b.override.left or 0
    redis.call('HSET', keys.st, 'ov_kind', ov.kind, 'ov_epoch', ov.epoch, 'ov_act', ov.act, 'ov_until', ov['until'], 'ov_at', ov.at)
    keep(keys, st)
  end
  return st, ov
end

local function numbers(text)
  local result = {}
  for part in string.gmatch(text or '', '[^,]+') do result[#result + 1] = tonumber(part) end
  return result
end

local function add(key, slot, amounts)
  local sum = numbers(redis.call('HGET', key, slot))
  for i, amount in ipairs(amounts) do sum[i] = (sum[i] or 0) + amount end
  redis.call('HSET', key, slot, table.concat(sum, ','))
end

local function trim(key, oldest, life)
  for _, slot in ipairs(redis.call('HKEYS', key)) do
    if tonumber(slot) < oldest then redis.call('HDEL', key, slot) end
  end
  redis.call('PEXPIRE', key, life)
end

local function count(b, keys, st)
  local window = b.policy.slot * b.policy.slots
  local oldest = math.floor(now / b.policy.slot) - b.policy.slots + 1
  local trouble = false
  for _, tally in ipairs(b.tallies) do
    local slot = math.floor((now - tally[1] - request.delay) / b.policy.slot)
    if slot >= oldest then
      local amounts = {}
      for i = 3, #tally do amounts[#amounts + 1] = tally[i] end
      add(keys.w, slot, amounts)
      if tally[2] == st.epoch or tally[2] < 0 then
        add(keys.d, slot, { tally[3], tally[4], tally[5] })
        trouble = trouble or tally[4] > 0 or tally[5] > 0
      end
    end
  end
  trim(keys.w, oldest, 2 * window)
  trim(keys.d, oldest, 2 * window)
  redis.call('ZADD', keys.cl, now, who)
  if trouble then redis.call('ZADD', keys.rp, now, who) end
  for _, key in ipairs({ keys.cl, keys.rp }) do
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
    redis.call('PEXPIRE', key, 2 * window)
  end
end

-- One caller's trouble is enough where nobody else calls; the others get three of their exchanges to say that they do.
local function alone(keys)
  if redis.call('ZCARD', keys.cl) > 1 then
    redis.call('HDEL', keys.st, 'alone')
    return false
  end
  redis.call('HSETNX', keys.st, 'alone', now)
  return now - tonumber(redis.call('HGET', keys.st, 'alone')) >= HEARING
end

local function tripped(b, keys)
  local oldest = math.floor(now / b.policy.slot) - b.policy.slots + 1
  local ok, bad, slow = 0, 0, 0
  for slot, text in pairs(table_of(keys.d)) do
    if tonumber(slot) >= oldest then
      local part = numbers(text)
      ok, bad, slow = ok + part[1], bad + part[2], slow + part[3]
    end
  end
  local calls = ok + bad
  if calls < b.policy.minimum then return false end
  if bad < b.policy.failure * calls and slow < b.policy.slow * calls then return false end
  return redis.call('ZCARD', keys.rp) >= b.policy.reporters or alone(keys)
end

local function heard_probe(b, keys, st)
  local lease = table_of(keys.ls)
  if lease.token ~= b.report.token or st.epoch ~= b.report.epoch or st.state ~= 'half_open' then return end
  redis.call('DEL', keys.ls)
  if not b.report.ok then
    st.rounds = st.rounds + 1
    move(b, keys, st, 'open', 'probe_failed')
  elseif st.good + 1 >= b.policy.probes then
    move(b, keys, st, 'closed', 'probes_succeeded')
  else
    st.good = st.good + 1
    keep(keys, st)
  end
end

local function lease_for(b, keys, st)
  if st.state == 'open' and b.want and now >= st['until'] then move(b, keys, st, 'half_open', 'wait_over') end
  if st.state ~= 'half_open' then return '', false end
  local lease = table_of(keys.ls)
  if lease.token and b.release == lease.token then
    redis.call('DEL', keys.ls)
    lease = {}
  end
  if lease.token and b.held == lease.token then
    redis.call('PEXPIRE', keys.ls, b.policy.lease)
    return lease.token, lease.wanted == '1'
  end
  if lease.token then
    if b.want then redis.call('HSET', keys.ls, 'wanted', 1) end
    return '', false
  end
  if not b.want then return '', false end
  local token = who .. ':' .. st.epoch .. ':' .. redis.call('HINCRBY', keys.st, 'leases', 1)
  redis.call('HSET', keys.ls, 'token', token)
  redis.call('PEXPIRE', keys.ls, b.policy.lease)
  return token, false
end

local function answer(b, keys, fresh)
  local st, ov = recall(b, keys)
  if fresh then
    if #b.tallies > 0 then count(b, keys, st) end
    if b.report then heard_probe(b, keys, st) end
    local pending = #b.tallies > 0 or redis.call('HEXISTS', keys.st, 'alone') == 1
    if st.state == 'closed' and pending and tripped(b, keys) then move(b, keys, st, 'open', 'window') end
    if st.state == 'closed' then
      for _, own in ipairs(b.moves) do event(b.name, own[1], own[2], own[3], own[4]) end
    end
  end
  local token, wanted = lease_for(b, keys, st)
  redis.call('HSET', keys.ak, who, cjson.encode({ override = b.override.epoch, state = b['local'] }))
  redis.call('PEXPIRE', keys.ak, DAY)
  redis.call('ZADD', KEYS[3], now, b.name)
  local left = ov['until'] > 0 and ov['until'] - now or -1
  if ov['until'] > 0 and left <= 0 then ov.kind, left = 'none', -1 end
  return { state = st.state, epoch = st.epoch, left = math.max(0, st['until'] - now), rounds = st.rounds, age = math.max(0, now - st.at),
    ov_kind = ov.kind, ov_epoch = ov.epoch, ov_act = ov.act, ov_left = left, ov_age = math.max(0, now - ov.at),
    token = token, wanted = wanted }
end

local fresh = tonumber(redis.call('HGET', KEYS[4], who) or '0') < request.sequence
local result = {}
for i, b in ipairs(request.breakers) do
  local first = 5 + (i - 1) * 7
  local keys = { st = KEYS[first + 1], w = KEYS[first + 2], d = KEYS[first + 3], rp = KEYS[first + 4], cl = KEYS[first + 5],
    ls = KEYS[first + 6], ak = KEYS[first + 7] }
  result[i] = answer(b, keys, fresh)
end
redis.call('HSET', KEYS[4], who, request.sequence)
redis.call('ZADD', KEYS[2], now, who)
redis.call('HSET', KEYS[5], who, request.role)
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now - FORGET)) do
  redis.call('ZREM', KEYS[2], gone)
  redis.call('HDEL', KEYS[4], gone)
  redis.call('HDEL', KEYS[5], gone)
  for i = 1, #request.breakers do redis.call('HDEL', KEYS[5 + i * 7], gone) end
end
return cjson.encode(result)
