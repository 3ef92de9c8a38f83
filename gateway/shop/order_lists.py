"""Lists of orders and customers: the statements of the executor, and the relations of compiled queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from gateway.fields.keysets import Keyset
from gateway.fields.paging import Page
from gateway.fields.parameters import Parameters
from gateway.fields.relations import Arguments, Pages
from gateway.shop.order_conditions import customer_conditions, order_conditions
from gateway.shop.order_inputs import KEYSETS, CustomerFilter, OrderFilter, OrderSort

Statement = tuple[str, list[Any]]

CUSTOMER_KEYSET = Keyset("created", "created_at", "customer_id")


class OrderListRequest(NamedTuple):
    """A page of the orders that match a filter, in an order."""

    filter: OrderFilter
    sort: OrderSort
    page: Page

    @property
    def keyset(self) -> Keyset:
        """The columns that define the order."""
        return KEYSETS[self.sort]


def orders(request: OrderListRequest) -> Statement:
    """A page of orders and one more, in the order in which the page is read. Raises BadInput, InvalidCursor."""
    parameters = Parameters()
    conditions = order_conditions(request.filter, parameters, "o")
    return _page("shown_order AS o", "o", conditions, request.keyset, request.page, parameters)


def customers(filter: CustomerFilter, page: Page) -> Statement:
    """A page of customers and one more, in the order in which the page is read. Raises as `orders`."""
    parameters = Parameters()
    conditions = customer_conditions(filter, parameters, "c", "filter")
    return _page("customer AS c", "c", conditions, CUSTOMER_KEYSET, page, parameters)


def orders_of_customers(ids: Sequence[UUID], request: OrderListRequest) -> Statement:
    """A page and one more for each of these customers, with the customer's `number` in `ids` from 1."""
    parameters = Parameters()
    who = f"unnest({parameters.bind(ids)}::uuid[]) WITH ORDINALITY AS requested (customer_id, number)"
    conditions = ["o.customer_id = requested.customer_id", *order_conditions(request.filter, parameters, "o")]
    page, values = _page("shown_order AS o", "o", conditions, request.keyset, request.page, parameters)
    ordered = request.keyset.order_by(request.page, "o")
    of_each = f"SELECT requested.number, o.* FROM {who} CROSS JOIN LATERAL ({page}) AS o"
    return f"{of_each} ORDER BY requested.number, {ordered}", values


def count_orders(filter: OrderFilter) -> Statement:
    """The number of orders that match. Raises BadInput."""
    parameters = Parameters()
    conditions = order_conditions(filter, parameters, "o")
    return f"SELECT count(*) FROM shown_order AS o WHERE {' AND '.join(conditions)}", parameters.values


def count_orders_of_customers(ids: Sequence[UUID], filter: OrderFilter) -> Statement:
    """The number of orders that match, by customer; no row for a customer without any. Raises BadInput."""
    parameters = Parameters()
    conditions = [f"o.customer_id = ANY({parameters.bind(ids)}::uuid[])", *order_conditions(filter, parameters, "o")]
    where = " AND ".join(conditions)
    return f"SELECT customer_id, count(*) AS orders FROM shown_order AS o WHERE {where} GROUP BY 1", parameters.values


def count_customers(filter: CustomerFilter) -> Statement:
    """The number of customers that match. Raises BadInput."""
    parameters = Parameters()
    conditions = customer_conditions(filter, parameters, "c", "filter")
    return f"SELECT count(*) FROM customer AS c WHERE {' AND '.join(conditions)}", parameters.values


def _page(
    table: str, alias: str, conditions: list[str], keyset: Keyset, page: Page, parameters: Parameters
) -> Statement:
    where = " AND ".join([*conditions, *keyset.conditions(page, parameters, alias)])
    at_most = parameters.bind(page.size + 1)
    ordered = keyset.order_by(page, alias)
    return f"SELECT {alias}.* FROM {table} WHERE {where} ORDER BY {ordered} LIMIT {at_most}", parameters.values


def _sorted(given: Arguments) -> Keyset:
    return KEYSETS[given["sort"]]


def _orders(given: Arguments, parameters: Parameters, alias: str) -> list[str]:
    return order_conditions(given["filter"] or OrderFilter(), parameters, alias)


def _customers(given: Arguments, parameters: Parameters, alias: str) -> list[str]:
    return customer_conditions(given["filter"] or CustomerFilter(), parameters, alias, "filter")


ORDERS = Pages("shown_order AS {it}", "", _sorted, _orders)

ORDERS_OF_CUSTOMER = Pages("shown_order AS {it}", "{it}.customer_id = {parent}.customer_id", _sorted, _orders)

CUSTOMERS = Pages("customer AS {it}", "", lambda _: CUSTOMER_KEYSET, _customers)
