"""The lists of orders and of customers, for compiled queries: the same conditions and orders as `order_statements`."""

from __future__ import annotations

from gateway.fields.keysets import Keyset
from gateway.fields.parameters import Parameters
from gateway.fields.relations import Arguments, Pages
from gateway.shop.order_filter import CustomerFilter, OrderFilter
from gateway.shop.order_sort import KEYSETS
from gateway.shop.order_sql import customer_conditions, order_conditions
from gateway.shop.order_statements import CUSTOMERS as NEWEST_CUSTOMERS


def _sorted(given: Arguments) -> Keyset:
    return KEYSETS[given["sort"]]


def _orders(given: Arguments, parameters: Parameters, alias: str) -> list[str]:
    return order_conditions(given["filter"] or OrderFilter(), parameters, alias)


def _customers(given: Arguments, parameters: Parameters, alias: str) -> list[str]:
    return customer_conditions(given["filter"] or CustomerFilter(), parameters, alias, "filter")


ORDERS = Pages("shown_order AS {it}", "", _sorted, _orders)

ORDERS_OF_CUSTOMER = Pages("shown_order AS {it}", "{it}.customer_id = {parent}.customer_id", _sorted, _orders)

CUSTOMERS = Pages("customer AS {it}", "", lambda _: NEWEST_CUSTOMERS, _customers)
