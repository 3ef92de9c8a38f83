"""MySQL, Postgres and Elasticsearch: connections, transactions, migrations, and the classification of errors."""
