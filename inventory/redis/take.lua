-- Takes units of one SKU for a request in progress, in all of its stores or in none. It can only say no early.
-- KEYS[1]: the hash of the SKU. ARGV: now, lifetime of the token (ms), token, then store and units for each store.
-- Returns {'yes'}, {'unknown'}, or {'short', store, units left, ...}.
local key, now, lifetime, token = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3]
local said, needed = {'short'}, {}

-- Forgets the tokens of a store whose time is over, and counts the units of the others.
local function count(store)
  local held, prefix = 0, store .. '|'
  local fields = redis.call('HGETALL', key)
  for i = 1, #fields, 2 do
    if string.sub(fields[i], 1, #prefix) == prefix then
      local units, ends = string.match(fields[i + 1], '^(%d+) (%d+)$')
      if ends and tonumber(ends) > now then held = held + tonumber(units) else redis.call('HDEL', key, fields[i]) end
    end
  end
  redis.call('HSET', key, store .. ':h', held)
  return held
end

for i = 4, #ARGV, 2 do
  local store, units = ARGV[i], tonumber(ARGV[i + 1])
  local got = redis.call('HMGET', key, store .. ':a', store .. ':h', store .. '|' .. token)
  local available, held = tonumber(got[1]), tonumber(got[2]) or 0
  if not available then return {'unknown'} end
  if not got[3] then
    if available >= units and available - held < units then held = count(store) end
    if available - held < units then
      said[#said + 1] = store
      said[#said + 1] = math.max(available - held, 0)
    end
    needed[#needed + 1] = i
  end
end
if #said > 1 then return said end
for _, i in ipairs(needed) do
  redis.call('HSET', key, ARGV[i] .. '|' .. token, ARGV[i + 1] .. ' ' .. (now + lifetime))
  redis.call('HINCRBY', key, ARGV[i] .. ':h', ARGV[i + 1])
end
return {'yes'}
