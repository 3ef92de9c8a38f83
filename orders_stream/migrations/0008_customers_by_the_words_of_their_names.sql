-- The words of customers' names, in small letters and without accents, as `gateway/shop/names.py` finds them. They are
-- searched by their beginnings, which a B-tree could do for the first word alone.

CREATE INDEX customer_by_words_of_the_name ON customer USING gin (
    array_to_tsvector(array_remove(regexp_split_to_array(lower(regexp_replace(normalize(
        name || ' ' || last_name, NFD), '[\u0300-\u036f]', '', 'g')), '[ .,''’-]+'), ''))
) WHERE NOT deleted;
