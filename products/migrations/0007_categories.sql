-- What was called hierarchies are categories.

ALTER TABLE products RENAME COLUMN hierarchies TO categories;
