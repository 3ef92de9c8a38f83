-- The tables of PostGraphile: the same data as its users keep it, with keys, references and an index for each list.

CREATE TABLE customer AS
SELECT customer_id, name, last_name, email, identity_document, phone, company, active, created_at, updated_at
FROM read_model.customer;

CREATE TABLE product AS
SELECT sku, name, description, price, currency, type, width, height, length, weight, categories, active, created_at, updated_at
FROM read_model.product;

CREATE TABLE sales_order AS
SELECT order_id, number, external_id, source, customer_id, status, currency, subtotal, freight, total, placed_at, required_at,
    confirmed_at, shipped_at, delivered_at, cancelled_at, cancellation_reason, rejected_at, rejection_reason, created_at,
    updated_at, delivery_addresses
FROM read_model.sales_order;

CREATE TABLE order_line AS
SELECT order_line_id, order_id, line_number, sku, product_name, quantity, unit_price, discount, amount, delivery_address_id
FROM read_model.order_line;

ALTER TABLE customer ADD PRIMARY KEY (customer_id);
ALTER TABLE product ADD PRIMARY KEY (sku);
ALTER TABLE sales_order ADD PRIMARY KEY (order_id), ADD FOREIGN KEY (customer_id) REFERENCES customer;
ALTER TABLE order_line ADD PRIMARY KEY (order_line_id), ADD FOREIGN KEY (order_id) REFERENCES sales_order,
    ADD FOREIGN KEY (sku) REFERENCES product;

CREATE INDEX ON sales_order (placed_at DESC, order_id DESC);
CREATE INDEX ON sales_order (customer_id, placed_at DESC, order_id DESC);
CREATE INDEX ON sales_order (status, placed_at DESC, order_id DESC);
CREATE INDEX ON order_line (order_id, line_number);
CREATE INDEX ON order_line (sku);
