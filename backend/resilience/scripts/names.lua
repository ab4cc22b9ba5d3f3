-- Every circuit that a process told of within a day.  KEYS: ix, nm.
local names, seen = table_of(KEYS[2]), redis.call('ZRANGE', KEYS[1], 0, -1, 'WITHSCORES')
local found = {}
for i = 1, #seen, 2 do
  found[#found + 1] = { name = seen[i], about = names[seen[i]] or '\n', age = math.max(0, now - tonumber(seen[i + 1])) }
end
return #found > 0 and cjson.encode(found) or '[]'
