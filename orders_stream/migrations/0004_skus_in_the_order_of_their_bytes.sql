-- As MySQL and Elasticsearch order them, wherever Postgres runs: ranges of SKUs are compared between the stores.

ALTER TABLE product ALTER COLUMN sku TYPE text COLLATE "C";
