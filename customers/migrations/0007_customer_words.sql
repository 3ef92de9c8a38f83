-- The words of customers' names and companies, in lower case and without accents, by whose beginnings customers are found.
-- Not captured, so the foreign key may cascade. The longest name has 600 characters once it is decomposed.

CREATE TABLE IF NOT EXISTS customer_word (
    word VARCHAR(600) COLLATE utf8mb4_bin NOT NULL,
    customer_id CHAR(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (word, customer_id),
    KEY customer_word_by_customer (customer_id, word),
    CONSTRAINT customer_word_customer FOREIGN KEY (customer_id) REFERENCES customer (customer_id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Up to which update all customers have their words: one row, or none if all are to be read.
CREATE TABLE IF NOT EXISTS customer_words_progress (
    id INT NOT NULL PRIMARY KEY,
    updated_at DATETIME(3) NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
