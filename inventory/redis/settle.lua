-- Ends a request in progress: removes its tokens, and stores what MySQL has now.
-- KEYS[1]: the hash of the SKU. ARGV: token, which may be empty; then store, available, version for each store, where the
-- last two are empty if they are not known. A hash that does not exist is not created: it would lack other stores.
local key, token = KEYS[1], ARGV[1]
if redis.call('EXISTS', key) == 0 then return 0 end
for i = 2, #ARGV, 3 do
  local store, available, version = ARGV[i], ARGV[i + 1], tonumber(ARGV[i + 2])
  local field = store .. '|' .. token
  local units = token ~= '' and string.match(redis.call('HGET', key, field) or '', '^(%d+) ')
  if units then
    redis.call('HDEL', key, field)
    if redis.call('HINCRBY', key, store .. ':h', -tonumber(units)) < 0 then redis.call('HSET', key, store .. ':h', 0) end
  end
  if version and version > (tonumber(redis.call('HGET', key, store .. ':v')) or -1) then
    redis.call('HSET', key, store .. ':a', available, store .. ':v', ARGV[i + 2])
  end
end
return 1
