-- The history keeps the name that a client gave itself, or nothing: no longer the network address it called from.

ALTER TABLE order_history MODIFY COLUMN caller VARCHAR(100) CHARACTER SET ascii COLLATE ascii_bin NULL;

UPDATE order_history SET caller = NULL
WHERE caller = 'unknown'
    OR caller NOT REGEXP '^[A-Za-z0-9][A-Za-z0-9._@:-]*$'
    OR caller REGEXP '^[0-9]{1,3}([.][0-9]{1,3}){3}(:[0-9]+)?$'
    OR caller REGEXP '^[0-9A-Fa-f:.]*::[0-9A-Fa-f:.]*$'
    OR caller REGEXP '^([0-9A-Fa-f]{1,4}:){6}[0-9A-Fa-f:.]+$';
