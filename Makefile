# `make` alone prints every target with what it does.
NEED_PYTHON_ONLY := $(wildcard tests/unit tests/property tests/contracts)
# The write path, migrations, MySQL's errors, stock, reconciliation, and the path from a row to the read model.
ON_MYSQL := $(wildcard tests/integration/databases/test_mysql_*.py) $(addprefix tests/integration/, \
	databases/test_outages_and_bugs.py databases/test_values_that_mysql_refuses.py http/test_idempotency.py \
	customers/test_api.py customers/test_by_name.py orders/test_api.py reconciliation/test_reconciliation.py \
	reconciliation/test_stock_is_verified.py stores/test_movements.py stores/test_reservations.py \
	inventory/test_holds.py inventory/test_locks.py inventory/test_orders.py orders/test_sourcing.py \
	orders/test_orders_and_their_stock.py shipping/test_a_hot_day.py shipping/test_carriers.py shipping/test_commands.py \
	shipping/test_planning.py shipping/test_returns.py shipping/test_verifying.py) \
	$(addprefix tests/end_to_end/, orders/test_an_order_is_placed.py orders/test_odd_data_goes_the_whole_way.py \
	faults/test_rows_are_deleted_by_hand.py stock/test_no_unit_is_sold_twice.py stock/test_the_stores_are_reconciled.py)
STACK := .venv/bin/python -m local.stack
# Two processes, each with servers of its own, unless there is one MySQL server for all. Folders are run in their order.
TWICE := $(if $(OMS_MYSQL_HOST),,-n 2 --dist loadfile --no-loadscope-reorder)

.DEFAULT_GOAL := help
.PHONY: help install demo up down clean distclean status logs test drills test-mysql test-unit test-integration test-end-to-end \
	lint format openapi requirements compose-env bench-writes bench-inventory bench-stream bench-gateway \
	bench-search bench-shipping

help: ## print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-18s %s\n", $$1, $$2 }' Makefile

install: ## fetch the Python packages and every server into this folder
	@local/install all

demo: up ## bring everything up and run oms demo
	@eval "$$($(STACK) environment)" && .venv/bin/oms demo

up: install ## start every server and process, and wait until all are ready
	@$(STACK) up

down: ## stop everything; the data stays
	@if [ -d .venv ]; then $(STACK) down; fi

clean: ## stop everything and delete its data and logs
	@if [ -d .venv ]; then $(STACK) clean; fi

distclean: clean ## delete also what was installed, and the passwords
	@rm -rf .local .venv && echo "deleted .local and .venv"

status: ## show what runs, on which port and with how much memory
	@$(STACK) status

logs: ## follow the logs of all, or of one: make logs SERVICE=orders
	@$(STACK) logs $(SERVICE)

test: install ## run the tests; those that need servers start their own beside yours
	@.venv/bin/pytest tests -m "not drill" $(TWICE)

drills: install ## run the long tests: every process killed, flash sales, views rebuilt, partitions added, 5,000 subscribers
	@.venv/bin/pytest tests -m drill $(if $(MINUTES),--minutes $(MINUTES))

test-mysql: install ## run the tests of what MySQL does on a real MySQL, which is fetched into .local/mysql
	@local/mysql/run .venv/bin/pytest $(ON_MYSQL)

test-unit: ## run the tests that need nothing but Python
	@local/install python
	@.venv/bin/pytest $(NEED_PYTHON_ONLY)

test-integration: install ## run the tests of one part of ours with real servers
	@.venv/bin/pytest tests/integration

test-end-to-end: install ## run the tests of the whole system
	@.venv/bin/pytest tests/end_to_end

bench-writes: install ## measure how fast orders are placed, against the bare statements
	@.venv/bin/python -m benchmarks.writes

bench-inventory: install ## measure reservations, the stock of orders and a flash sale, against the bare statements
	@.venv/bin/python -m benchmarks.inventory

bench-stream: install ## measure the stream, against Kafka Streams and Flink, how late one order is, and a rebuild
	@.venv/bin/python -m benchmarks.stream
	@.venv/bin/python -m benchmarks.stream.latency
	@.venv/bin/python -m benchmarks.stream.rebuild --against-worker

bench-gateway: install ## measure GraphQL, against PostGraphile and the bare statements
	@.venv/bin/python -m benchmarks.gateway

bench-search: install ## measure search quality, and the overhead of the gateway
	@.venv/bin/python -m benchmarks.search
	@.venv/bin/python -m benchmarks.search.own_writes
	@.venv/bin/python -m benchmarks.search.in_stock

bench-shipping: install ## measure shipments, against the bare statements, the library eventsourcing and orders
	@.venv/bin/python -m benchmarks.shipping

compose-env: ## write the secrets that docker-compose.yml asks for into .env
	@local/install secrets
	@install -m 600 .local/secrets.env .env && echo "wrote .env, readable by you only"

openapi: install ## generate each service's openapi.json and docs/problems.md from the code
	@eval "$$($(STACK) environment)" && .venv/bin/python -m chassis.openapi.documents

lint: ## check style, types and who imports whom
	@local/install python
	@.venv/bin/ruff check
	@.venv/bin/ruff format --check
	@.venv/bin/mypy
	@.venv/bin/lint-imports

format: ## format all Python files with ruff
	@local/install python
	@.venv/bin/ruff check --fix
	@.venv/bin/ruff format

requirements: ## pin the Python packages again, from pyproject.toml
	@uv pip compile pyproject.toml --quiet --extra dev --universal --python-version 3.11 --generate-hashes \
		--no-emit-index-url --no-header -o requirements.txt
