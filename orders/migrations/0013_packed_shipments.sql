-- Where a shipment goes and when it was packed: from then on its label is printed. See `orders/fulfilment/labels.py`.

ALTER TABLE replica_shipment
    ADD COLUMN delivery_address_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NULL AFTER units,
    ADD COLUMN packed_at DATETIME(6) NULL AFTER delivery_address_id;
