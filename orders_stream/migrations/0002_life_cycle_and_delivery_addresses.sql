-- The rest of an order's life, where its lines go as it was when the order was placed, and when its customer was erased.
-- One of the two tables is copied into the other as a whole: both get the same columns in the same order. The default is
-- for the rows that are here already, and takes no time however many they are.

ALTER TABLE heard_order
    ADD COLUMN confirmed_at timestamptz,
    ADD COLUMN delivered_at timestamptz,
    ADD COLUMN rejected_at timestamptz,
    ADD COLUMN rejection_reason text,
    ADD COLUMN erased_at timestamptz,
    ADD COLUMN delivery_addresses jsonb NOT NULL DEFAULT '[]';

ALTER TABLE shown_order
    ADD COLUMN confirmed_at timestamptz,
    ADD COLUMN delivered_at timestamptz,
    ADD COLUMN rejected_at timestamptz,
    ADD COLUMN rejection_reason text,
    ADD COLUMN erased_at timestamptz,
    ADD COLUMN delivery_addresses jsonb NOT NULL DEFAULT '[]';

-- Who was deleted before deleted rows came without what they told of a person.
UPDATE customer SET name = '', last_name = '', email = '', identity_document = NULL, phone = NULL, company = NULL
WHERE deleted;
UPDATE address SET
    street_type = NULL, street = '', number = NULL, building = NULL, department = NULL, reference = NULL,
    postal_code = NULL, latitude = NULL, longitude = NULL
WHERE deleted;

-- All orders of a customer who is erased, deleted ones too: each was told to others with the customer's name.
CREATE INDEX shown_order_of_customer ON shown_order (customer_id, order_id);
