-- Customers may have no email address and no names: guests, companies. A deleted customer has none of them.

ALTER TABLE customer
    ALTER COLUMN name DROP NOT NULL,
    ALTER COLUMN last_name DROP NOT NULL,
    ALTER COLUMN email DROP NOT NULL;

UPDATE customer SET name = NULL, last_name = NULL, email = NULL WHERE deleted;

-- The words of companies as well, by which those without a person are found.
DROP INDEX customer_by_words_of_the_name;
CREATE INDEX customer_by_words_of_the_name ON customer USING gin (
    array_to_tsvector(array_remove(regexp_split_to_array(lower(regexp_replace(normalize(
        coalesce(name, '') || ' ' || coalesce(last_name, '') || ' ' || coalesce(company, ''), NFD
    ), '[\u0300-\u036f]', '', 'g')), '[ .,''’-]+'), ''))
) WHERE NOT deleted;
