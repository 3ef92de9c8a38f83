"""MySQL, Postgres and Elasticsearch: connections, transactions, migrations, and what their errors mean."""
