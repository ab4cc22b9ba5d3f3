-- The newest moves, newest first; of one circuit, or of all.
-- KEYS: ev.  ARGV: circuit ('' for all), limit.
local limit, found = tonumber(ARGV[2]), {}
for _, entry in ipairs(redis.call('XREVRANGE', KEYS[1], '+', '-', 'COUNT', 2000)) do
  local fields = {}
  for i = 1, #entry[2], 2 do fields[entry[2][i]] = entry[2][i + 1] end
  if ARGV[1] == '' or fields.circuit == ARGV[1] then
    fields.ms = tonumber(string.match(entry[1], '^%d+'))
    found[#found + 1] = fields
    if #found >= limit then break end
  end
end
return #found > 0 and cjson.encode(found) or '[]'
