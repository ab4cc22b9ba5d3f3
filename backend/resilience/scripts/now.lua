-- The server's clock in milliseconds, read once a script.
local now = (function()
  local clock = redis.call('TIME')
  return clock[1] * 1000 + math.floor(clock[2] / 1000)
end)()
