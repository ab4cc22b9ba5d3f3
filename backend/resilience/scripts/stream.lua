-- The newest entries of a stream of events, newest first; of one circuit, or of all; older than the entry named, if one is.
-- KEYS: the stream.  ARGV: circuit ('' for all), limit, the id they precede ('' for the newest).
local limit, found, last = tonumber(ARGV[2]), {}, ARGV[3] ~= '' and '(' .. ARGV[3] or '+'
repeat
  local entries = redis.call('XREVRANGE', KEYS[1], last, '-', 'COUNT', 500)
  for _, entry in ipairs(entries) do
    local fields = { id = entry[1], ms = tonumber(string.match(entry[1], '^%d+')) }
    for i = 1, #entry[2], 2 do fields[entry[2][i]] = entry[2][i + 1] end
    if #found < limit and (ARGV[1] == '' or fields.circuit == ARGV[1]) then found[#found + 1] = fields end
    last = '(' .. entry[1]
  end
until #found >= limit or #entries < 500
return #found > 0 and cjson.encode(found) or '[]'
