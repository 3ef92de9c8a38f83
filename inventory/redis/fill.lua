-- Stores what MySQL has in all stores of a SKU, just read. Versions that were in Redis before that and are higher are
-- wrong: such as of a MySQL that was restored from a backup.
-- KEYS[1]: the hash of the SKU. ARGV: store, available, version, version that Redis had before (or empty) for each store.
local key = KEYS[1]
local kind = redis.call('TYPE', key).ok
if kind ~= 'hash' and kind ~= 'none' then redis.call('DEL', key) end
for i = 1, #ARGV, 4 do
  local store, version = ARGV[i], tonumber(ARGV[i + 2])
  local known = redis.call('HGET', key, store .. ':v')
  if not tonumber(known) or tonumber(known) <= version or known == ARGV[i + 3] then
    redis.call('HSET', key, store .. ':a', ARGV[i + 1], store .. ':v', ARGV[i + 2])
  end
end
return 1
