-- The read model that the gateway's benchmark reads: 200,000 orders, 600,000 lines. Ids are hashes, so that neighbours
-- in time are none on disk, and the same in every run.

INSERT INTO customer (customer_id, name, last_name, email, company, phone, active, created_at, updated_at, version, deleted)
SELECT md5('customer' || n)::uuid, 'Ana ' || n, 'Trujillo ' || n, 'ana.' || n || '@example.com', 'Company ' || n,
    '+51 1 ' || (1000000 + n), true, moment, moment, 1, false
FROM generate_series(1, 20000) AS n, LATERAL (SELECT timestamptz '2024-01-01' + n * interval '1 minute') AS t (moment);

INSERT INTO address (address_id, customer_id, street, number, city, region, postal_code, country, created_at, updated_at,
    version, deleted)
SELECT md5('address' || n)::uuid, md5('customer' || n)::uuid, 'Avenida ' || n % 300, n % 1000, 'City ' || n % 200, 'Region ' || n % 25,
    10000 + n % 80000, (ARRAY['PE', 'DE', 'US', 'MX', 'FR'])[1 + n % 5], '2024-01-01', '2024-01-01', 1, false
FROM generate_series(1, 20000) AS n;

INSERT INTO product (sku, name, description, price, currency, type, categories, active, created_at, updated_at, version, deleted)
SELECT 'SKU-' || lpad(n::text, 4, '0'), 'Product ' || n, 'A thing of which there are many, number ' || n, 5 + n % 200 + 0.25, 'USD',
    'physical', '[{"name": "Things", "path": ["things"], "slug": "things"}]', true, '2024-01-01', '2024-01-01', 1, false
FROM generate_series(1, 1000) AS n;

-- One to five lines an order, three in the mean; 25 orders of each of the 8,000 customers who have ordered.
INSERT INTO sales_order (order_id, customer_id, source, status, currency, subtotal, freight, lines_version, line_count, placed_at,
    created_at, updated_at, version, deleted, delivery_addresses, lines, skus, countries)
SELECT md5('order' || o)::uuid, address.customer_id, '',
    (ARRAY['placed', 'confirmed', 'shipped', 'delivered', 'delivered', 'delivered', 'cancelled', 'rejected'])[1 + o / 5 % 8],
    'USD', subtotal, 4.5, 1, cardinality(lines), moment, moment, moment, 1, false,
    jsonb_build_array(jsonb_build_object('address_id', address_id, 'street_type', street_type, 'street', street,
        'number', number, 'building', building, 'department', department, 'reference', reference, 'city', city,
        'region', region, 'postal_code', postal_code, 'country', country, 'latitude', latitude, 'longitude', longitude)),
    lines, skus, ARRAY[country]
FROM generate_series(1, 200000) AS o,
    LATERAL (SELECT timestamptz '2025-01-01' + o * interval '2 minutes') AS t (moment),
    address,
    LATERAL (
        SELECT sum(quantity * price), array_agg(DISTINCT sku), array_agg(ROW(
            md5('line' || o || '/' || l)::uuid, l, sku, name, quantity, price, 0, quantity * price, address_id, 1, false
        )::sales_order_line ORDER BY l)
        FROM generate_series(1, 1 + o % 5) AS l,
            LATERAL (SELECT 1 + l + o % 3) AS q (quantity),
            product
        WHERE sku = 'SKU-' || lpad((1 + (o * 31 + l * 389) % 1000)::text, 4, '0')
    ) AS s (subtotal, skus, lines)
WHERE address_id = md5('address' || 1 + o * 7919 % 8000)::uuid;

INSERT INTO freshness (source, fresh_until) SELECT source, now() FROM unnest(ARRAY['customers', 'orders', 'products']) AS source;
