-- A process takes its leave of some circuits; with ARGV[2] '1' of the fleet as well.
-- KEYS: in, sq, id, then each breaker's ak and pr.  ARGV[1]: the instance.
if ARGV[2] == '1' then
  redis.call('ZREM', KEYS[1], ARGV[1])
  redis.call('HDEL', KEYS[2], ARGV[1])
  redis.call('HDEL', KEYS[3], ARGV[1])
end
for i = 4, #KEYS, 2 do
  redis.call('HDEL', KEYS[i], ARGV[1])
  redis.call('ZREM', KEYS[i + 1], ARGV[1])
end
return 'left'
