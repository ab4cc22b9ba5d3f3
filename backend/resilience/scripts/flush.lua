-- One process's exchange for its breakers: counts what it saw, moves the circuits, answers with state, orders and leave to probe.
-- KEYS: ev, hp, in, ix, nm, sq, id, then for each breaker st, w, d, rp, cl, ls, ak, pr.  ARGV[1]: the exchange as JSON.
-- Instants are this server's; clients send and receive durations in milliseconds. What lies in the future was kept before the
-- clock went back, and counts for nothing.
local request = cjson.decode(ARGV[1])
local who = request.instance
local FORGET = 60000
local LIVE = 3000
local REFRESH = 500
local HEARING = 300
local SHARED, OF_CIRCUIT = 7, 8

local function opened(b, keys, st, cause)
  local wait = math.min(b.policy.wait * 2 ^ math.min(st.rounds, 30), b.policy.longest)
  st['until'] = now + math.floor(wait * (1 + b.policy.jitter * b.chance))
  move(keys, st, 'open', cause, b.name, who)
end

-- Orders of which this process knows newer ones than the store has kept; a long body is asked for before it is sent.
local function recall_orders(b, keys, st)
  local lacks = {}
  for slot, told in pairs(b.orders) do
    if told.epoch > st.orders[slot].epoch then
      if told.body then
        keep_order(keys.st, st, slot, { epoch = told.epoch, act = told.act, body = told.body,
          ['until'] = told.left >= 0 and now + told.left or 0, at = now - told.age })
      else
        lacks[#lacks + 1] = slot
      end
    end
  end
  return lacks
end

-- The circuit as this process remembers it, when the store has forgotten (a higher epoch can only have come from there).
local function recall(b, keys, st, forgotten_reset)
  if not (b.known.epoch > st.epoch or (not st.known and b.known.epoch >= 0)) then
    if not st.known then keep(keys.st, st) end
    return
  end
  local from = st.known and st.state or 'forgotten'
  st.state, st.epoch, st.rounds, st.at, st.good = b.known.state, b.known.epoch, b.known.rounds, now - b.known.age, 0
  st['until'], st.cause = now + b.known.left, 'reseeded'
  if st.state == 'half_open' then st.state = 'open' end
  if forgotten_reset then
    st.state, st.epoch, st.rounds, st.at, st['until'] = 'closed', st.epoch + 1, 0, now, 0
  end
  forget_epoch(keys, st)
  keep(keys.st, st)
  event(keys.ev, b.name, from, st.state, 'reseeded', who, st.epoch)
end

local function limit_wait(b, keys, st)
  local longest = now + math.floor(b.policy.longest * (1 + b.policy.jitter))
  if st.state ~= 'open' or st['until'] <= longest then return end
  st['until'] = longest
  keep(keys.st, st)
end

local function numbers(text)
  local result = {}
  for part in string.gmatch(text or '', '[^,]+') do result[#result + 1] = tonumber(part) end
  return result
end

-- Answers 1 where the slot is a new one.
local function add(key, slot, amounts)
  local sum = numbers(redis.call('HGET', key, slot))
  for i, amount in ipairs(amounts) do sum[i] = (sum[i] or 0) + amount end
  return redis.call('HSET', key, slot, table.concat(sum, ','))
end

-- Slots are named by the millisecond they begin at, so that processes of other figures may count beside each other.
local function oldest_of(b) return (math.floor(now / b.policy.slot) - b.policy.slots + 1) * b.policy.slot end

-- What left the window goes when a slot or a caller is new, not at each exchange.
local function trim(b, keys)
  local oldest, window = oldest_of(b), b.policy.slot * b.policy.slots
  for _, key in ipairs({ keys.w, keys.d }) do
    for _, slot in ipairs(redis.call('HKEYS', key)) do
      if tonumber(slot) < oldest or tonumber(slot) > now then redis.call('HDEL', key, slot) end
    end
    redis.call('PEXPIRE', key, 2 * window)
  end
  for _, key in ipairs({ keys.cl, keys.rp }) do
    redis.call('ZREMRANGEBYSCORE', key, '-inf', now - window)
    redis.call('ZREMRANGEBYSCORE', key, '(' .. now, '+inf')
    redis.call('PEXPIRE', key, 2 * window)
  end
end

-- Calls made while a circuit is disabled are shown, and decide nothing.
local function count(b, keys, st)
  local oldest, decides = oldest_of(b), override_of(st) ~= 'disabled'
  local news, called, trouble = 0, false, false
  for _, tally in ipairs(b.tallies) do
    local slot = math.floor((now - tally[1] - request.delay) / b.policy.slot) * b.policy.slot
    if slot >= oldest then
      local amounts = {}
      for i = 3, #tally do amounts[#amounts + 1] = tally[i] end
      news = news + add(keys.w, slot, amounts)
      if decides and (tally[2] == st.epoch or tally[2] == -1) then
        news = news + add(keys.d, slot, { tally[3], tally[4], tally[5] })
        called = true
        trouble = trouble or tally[4] > 0 or tally[5] > 0
      end
    end
  end
  if called then news = news + redis.call('ZADD', keys.cl, now, who) end
  if trouble then news = news + redis.call('ZADD', keys.rp, now, who) end
  if news > 0 then trim(b, keys) end
end

local function seen_of(key, b) return redis.call('ZCOUNT', key, '(' .. now - b.policy.slot * b.policy.slots, now) end

-- One caller's trouble is enough where nobody else calls; the others get three of their exchanges to say that they do.
local function is_alone(b, keys, st)
  if seen_of(keys.cl, b) > 1 then
    redis.call('HDEL', keys.st, 'alone')
    st.alone = 0
    return false
  end
  if st.alone == 0 or st.alone > now then
    redis.call('HSET', keys.st, 'alone', now)
    st.alone = now
  end
  return now - st.alone >= HEARING
end

local function is_tripped(b, keys, st)
  local reporters, oldest, ok, bad, slow = seen_of(keys.rp, b), oldest_of(b), 0, 0, 0
  if reporters == 0 then return false end
  for slot, text in pairs(table_of(keys.d)) do
    if tonumber(slot) >= oldest and tonumber(slot) <= now then
      local part = numbers(text)
      ok, bad, slow = ok + part[1], bad + part[2], slow + part[3]
    end
  end
  local calls = ok + bad
  if calls < b.policy.minimum then return false end
  if bad < b.policy.failure * calls and slow < b.policy.slow * calls then return false end
  return reporters >= b.policy.reporters or is_alone(b, keys, st)
end

-- Under 'metrics only' it is told once a wait that the circuit would have opened, and nothing moves.
local function decide(b, keys, st)
  local only_told = override_of(st) == 'metrics_only'
  if st.state ~= 'closed' or (only_told and st.would > now and st.would <= now + b.policy.wait) then return end
  if not (#b.tallies > 0 or st.alone > 0) or not is_tripped(b, keys, st) then return end
  if not only_told then return opened(b, keys, st, 'window') end
  forget_epoch(keys, st)
  st.would = now + b.policy.wait
  redis.call('HSET', keys.st, 'would', st.would)
  event(keys.ev, b.name, 'closed', 'open', 'would_open', who, st.epoch)
end

local function hear_probe(b, keys, st, report)
  local deadline = redis.call('ZSCORE', keys.ls, report.token)
  if st.state ~= 'half_open' or st.epoch ~= report.epoch or not deadline or tonumber(deadline) <= now then return end
  redis.call('ZREM', keys.ls, report.token)
  if not report.ok then
    st.rounds = st.rounds + 1
    opened(b, keys, st, 'probe_failed')
  elseif st.good + 1 >= b.policy.probes then
    move(keys, st, 'closed', 'probes_succeeded', b.name, who)
  else
    st.good = st.good + 1
    keep(keys.st, st)
  end
end

local function tell_events(b, keys, st)
  if st.state == 'closed' then
    for _, own in ipairs(b.moves) do event(keys.ev, b.name, own[1], own[2], own[3], who, own[4]) end
  end
  for _, one in ipairs(b.happenings) do
    redis.call('XADD', keys.hp, 'MAXLEN', '~', 10000, '*', 'circuit', b.name, 'kind', one[1], 'detail', one[2],
      'count', one[3], 'instance', who)
  end
end

local function renewed(b, keys)
  redis.call('ZREMRANGEBYSCORE', keys.ls, '-inf', now)
  redis.call('ZREMRANGEBYSCORE', keys.ls, '(' .. now + 2 * b.policy.lease, '+inf')
  for _, token in ipairs(b.release) do redis.call('ZREM', keys.ls, token) end
  local mine = {}
  for _, token in ipairs(b.held) do
    if redis.call('ZSCORE', keys.ls, token) then
      redis.call('ZADD', keys.ls, now + b.policy.lease, token)
      mine[#mine + 1] = token
    end
  end
  return mine
end

-- The leases this process holds, and for how long none can come free.
local function leases(b, keys, st)
  if st.state == 'open' and b.want and now >= st['until'] then move(keys, st, 'half_open', 'wait_over', b.name, who) end
  if st.state ~= 'half_open' then return {}, 0 end
  local mine = renewed(b, keys)
  local taken = redis.call('ZCARD', keys.ls)
  if b.want and taken < b.policy.concurrent then
    local token = who .. ':' .. st.epoch .. ':' .. redis.call('HINCRBY', keys.st, 'leases', 1)
    redis.call('ZADD', keys.ls, now + b.policy.lease, token)
    mine[#mine + 1] = token
    taken = taken + 1
  end
  if #mine > 0 then redis.call('PEXPIRE', keys.ls, 2 * b.policy.lease) end
  if taken < b.policy.concurrent then return mine, 0 end
  return mine, redis.call('ZRANGE', keys.ls, 0, 0, 'WITHSCORES')[2] - now
end

local function order_news(b, keys, st)
  local news = {}
  for _, slot in ipairs(SLOTS) do
    local kept, told = st.orders[slot], b.orders[slot]
    if kept.epoch > 0 and (not told or kept.epoch > told.epoch or (kept.epoch == told.epoch and kept.act ~= told.act)) then
      news[slot] = { epoch = kept.epoch, act = kept.act, body = redis.call('HGET', keys.st, slot .. '_body'),
        left = kept['until'] > 0 and math.max(0, kept['until'] - now) or -1, age = math.max(0, now - kept.at) }
    end
  end
  return news
end

local function is_recent(seen) return seen and now >= tonumber(seen) and now - seen < REFRESH end

-- Who is there is written down twice a second, and at once when it holds another state or order; answers how many are, if it looked.
local function note_presence(b, keys, st)
  local acks = { b['local'] }
  for _, slot in ipairs(SLOTS) do acks[#acks + 1] = b.orders[slot] and b.orders[slot].epoch or 0 end
  local ack, seen = table.concat(acks, ','), redis.call('ZSCORE', keys.pr, who)
  if is_recent(seen) and st.digest == b.digest and redis.call('HGET', keys.ak, who) == ack then return 0 end
  redis.call('HSET', keys.ak, who, ack)
  redis.call('ZADD', keys.pr, now, who)
  for _, gone in ipairs(redis.call('ZRANGEBYSCORE', keys.pr, '-inf', now - FORGET)) do
    redis.call('ZREM', keys.pr, gone)
    redis.call('HDEL', keys.ak, gone)
  end
  redis.call('PEXPIRE', keys.ak, DAY)
  redis.call('PEXPIRE', keys.pr, DAY)
  if st.digest ~= b.digest then redis.call('HSET', keys.st, 'digest', b.digest, 'policy', cjson.encode(b.policy)) end
  touch(keys.st, st)
  redis.call('ZADD', keys.ix, now, b.name)
  redis.call(b.title ~= '' and 'HSET' or 'HSETNX', keys.nm, b.name, b.title .. '\n' .. request.service)
  return redis.call('ZCOUNT', keys.pr, now - LIVE, now)
end

local function answer(b, keys, fresh)
  local st = load(keys.st)
  local told_reset = b.orders.reset and b.orders.reset.epoch or 0
  local forgotten_reset = st.orders.reset.epoch > told_reset
  local lacks = recall_orders(b, keys, st)
  recall(b, keys, st, forgotten_reset)
  limit_wait(b, keys, st)
  if fresh then
    if #b.tallies > 0 then count(b, keys, st) end
    for _, report in ipairs(b.reports) do hear_probe(b, keys, st, report) end
    decide(b, keys, st)
    tell_events(b, keys, st)
  end
  local mine, quiet = leases(b, keys, st)
  local live = note_presence(b, keys, st)
  return { state = st.state, epoch = st.epoch, left = math.max(0, st['until'] - now), rounds = st.rounds, age = math.max(0, now - st.at),
    cause = st.cause, orders = order_news(b, keys, st), lacks = lacks, tokens = mine, quiet = quiet, live = live }
end

local shared = { ev = KEYS[1], hp = KEYS[2], ['in'] = KEYS[3], ix = KEYS[4], nm = KEYS[5], sq = KEYS[6], id = KEYS[7] }
local fresh = tonumber(redis.call('HGET', shared.sq, who) or '0') < request.sequence
local result = {}
for i, b in ipairs(request.breakers) do
  local first = SHARED + (i - 1) * OF_CIRCUIT
  local keys = { ev = shared.ev, hp = shared.hp, ix = shared.ix, nm = shared.nm, st = KEYS[first + 1], w = KEYS[first + 2],
    d = KEYS[first + 3], rp = KEYS[first + 4], cl = KEYS[first + 5], ls = KEYS[first + 6], ak = KEYS[first + 7], pr = KEYS[first + 8] }
  result[i] = answer(b, keys, fresh)
end
redis.call('HSET', shared.sq, who, request.sequence)
if is_recent(redis.call('ZSCORE', shared['in'], who)) then return cjson.encode(result) end
redis.call('ZADD', shared['in'], now, who)
redis.call('HSET', shared.id, who, request.role)
for _, gone in ipairs(redis.call('ZRANGEBYSCORE', shared['in'], '-inf', now - FORGET)) do
  redis.call('ZREM', shared['in'], gone)
  redis.call('HDEL', shared.sq, gone)
  redis.call('HDEL', shared.id, gone)
end
for _, unheard in ipairs(redis.call('ZRANGEBYSCORE', shared.ix, '-inf', now - DAY)) do
  redis.call('ZREM', shared.ix, unheard)
  redis.call('HDEL', shared.nm, unheard)
end
return cjson.encode(result)
