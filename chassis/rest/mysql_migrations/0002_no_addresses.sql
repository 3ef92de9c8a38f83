-- A key's scope is the client's name, or nothing: no longer the network address of a client without a name. Of two
-- addresses with one key, one is kept.

UPDATE IGNORE idempotency_key SET caller = ''
WHERE caller = 'unknown'
    OR caller NOT REGEXP '^[A-Za-z0-9][A-Za-z0-9._@:-]*$'
    OR caller REGEXP '^[0-9]{1,3}([.][0-9]{1,3}){3}(:[0-9]+)?$'
    OR caller REGEXP '^[0-9A-Fa-f:.]*::[0-9A-Fa-f:.]*$'
    OR caller REGEXP '^([0-9A-Fa-f]{1,4}:){6}[0-9A-Fa-f:.]+$';

DELETE FROM idempotency_key
WHERE caller <> '' AND (caller = 'unknown'
    OR caller NOT REGEXP '^[A-Za-z0-9][A-Za-z0-9._@:-]*$'
    OR caller REGEXP '^[0-9]{1,3}([.][0-9]{1,3}){3}(:[0-9]+)?$'
    OR caller REGEXP '^[0-9A-Fa-f:.]*::[0-9A-Fa-f:.]*$'
    OR caller REGEXP '^([0-9A-Fa-f]{1,4}:){6}[0-9A-Fa-f:.]+$');
