"""The statements that write the rows of customers and the catalogue to the read model."""

from __future__ import annotations

from chassis.databases.postgres_upserts import Upsert
from contracts.customers import ADDRESS, CUSTOMER
from contracts.products import CATEGORY
from contracts.products import PRODUCTS as PRODUCTS_TOPIC

CUSTOMERS = Upsert("customer", CUSTOMER)
ADDRESSES = Upsert("address", ADDRESS)
CATEGORIES = Upsert("category", CATEGORY)
PRODUCTS = Upsert("product", PRODUCTS_TOPIC)
