-- What was called hierarchies are categories.

ALTER TABLE product RENAME COLUMN hierarchies TO categories;
