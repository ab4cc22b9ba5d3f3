-- A process takes its leave.  KEYS: in, sq, id, then each breaker's ak.  ARGV[1]: the instance.
redis.call('ZREM', KEYS[1], ARGV[1])
for i = 2, #KEYS do redis.call('HDEL', KEYS[i], ARGV[1]) end
return 'left'
