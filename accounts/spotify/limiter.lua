-- One decision of the pacing: may this call go now, or in how many milliseconds is it worth asking again?
-- KEYS: 1 log of grants (zset by ms)  2 state (hash: epoch, tat, hold, want:<lane>)  3 the account's bucket (string: tat)
--       4 calls on their way (zset: lease by the ms at which it runs out)
-- ARGV: 1 calls per window  2 window ms  3 burst calls  4 lane rank (0 = first)  5 account calls per window, 0 = none
--       6 account burst  7 a fresh random id  8 the epoch the caller knows, '' = none
--       9 calls that may be on their way at once, 0 = any  10 ms after which a lease that nobody gave back runs out
--       11 is '1' when 12.. follow: ages in ms of the caller's own recent grants, asked for with 'tell' by a new Redis
-- Redis' clock counts, so that hosts need not agree. Answer: {granted 0|1, wait ms, epoch, why}
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local limit, window, burst = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local rank, account_limit, account_burst = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])
local step = window / limit

local epoch = redis.call('HGET', KEYS[2], 'epoch')
if not epoch then
  -- Redis is new or was emptied: no credit at all, and whoever still remembers grants tells them below.
  epoch = ARGV[7]
  redis.call('HSET', KEYS[2], 'epoch', epoch, 'tat', now + step * burst)
end
if ARGV[8] ~= epoch then
  if ARGV[11] == '0' then return {0, 0, epoch, 'tell'} end
  for i = 12, #ARGV do
    redis.call('ZADD', KEYS[1], now - tonumber(ARGV[i]), ARGV[7] .. ':' .. i)
  end
end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + 1000, '+inf') -- the clock was set back
redis.call('PEXPIRE', KEYS[2], 86400000)

local wait, why = 0, ''
local function at_least(ms, reason)
  if ms > wait then wait, why = ms, reason end
end

at_least(math.min(tonumber(redis.call('HGET', KEYS[2], 'hold') or 0) - now, 3600000), 'hold')
local account_tat = 0
if account_limit > 0 then
  local account_step = window / account_limit
  account_tat = math.max(tonumber(redis.call('GET', KEYS[3]) or 0), now) + account_step
  at_least(account_tat - account_step * account_burst - now, 'account')
end
if wait > 0 then return {0, math.ceil(wait), epoch, why} end

-- From here on only the app's turn can be missing, and turns go by lane.
local tat = math.min(math.max(tonumber(redis.call('HGET', KEYS[2], 'tat') or 0), now), now + window) + step
at_least(tat - step * burst - now, 'pace')
local used = redis.call('ZCARD', KEYS[1])
if used >= limit then
  local freed = redis.call('ZRANGE', KEYS[1], used - limit, used - limit, 'WITHSCORES')
  at_least(tonumber(freed[2]) + window - now + 1, 'window')
end
local abreast = tonumber(ARGV[9])
if abreast > 0 then
  redis.call('ZREMRANGEBYSCORE', KEYS[4], '-inf', now)
  -- Nobody knows when a call will end: asking again soon costs less than a free place costs.
  if redis.call('ZCARD', KEYS[4]) >= abreast then at_least(20, 'abreast') end
end
if wait == 0 then
  for ahead = 0, rank - 1 do
    if tonumber(redis.call('HGET', KEYS[2], 'want:' .. ahead) or 0) > now then at_least(step, 'lane') end
  end
end
if wait > 0 then
  wait = math.ceil(wait)
  -- Lower lanes stand back until this caller had time to ask again.
  redis.call('HSET', KEYS[2], 'want:' .. rank, now + wait + math.min(math.max(step, 20), 250))
  return {0, wait, epoch, why}
end

redis.call('ZADD', KEYS[1], now, ARGV[7])
redis.call('PEXPIRE', KEYS[1], window * 2)
redis.call('HSET', KEYS[2], 'tat', tat)
if abreast > 0 then
  redis.call('ZADD', KEYS[4], now + tonumber(ARGV[10]), ARGV[7])
  redis.call('PEXPIRE', KEYS[4], tonumber(ARGV[10]) * 2)
end
if account_limit > 0 then redis.call('SET', KEYS[3], account_tat, 'PX', math.ceil(account_tat - now + window)) end
return {1, 0, epoch, ''}
