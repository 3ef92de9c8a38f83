-- The units of an allocation that shipments took before its other units: they have left the store already.

ALTER TABLE allocation ADD COLUMN shipped INT NOT NULL DEFAULT 0 AFTER quantity;
