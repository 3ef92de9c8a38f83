"""Lists of orders and customers: the statements of the executor, and the relations of compiled queries."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from gateway.fields.conditions import Conditions, PageOfRows, count_sql
from gateway.fields.keysets import Keyset
from gateway.fields.paging import Page
from gateway.fields.parameters import Parameters
from gateway.fields.relations import Arguments, Pages
from gateway.shop.orders.conditions import customer_conditions, order_conditions
from gateway.shop.orders.inputs import (
    CUSTOMER_KEYSETS,
    KEYSETS,
    CustomerFilter,
    CustomerSort,
    OrderFilter,
    OrderSort,
    customer_sort_of,
    sort_of,
)

Statement = tuple[str, list[Any]]


class OrderListRequest(NamedTuple):
    """A page of the orders that match a filter, in an order. `columns` is the SQL of what is read of the rows `o`."""

    filter: OrderFilter
    sort: OrderSort
    page: Page
    columns: str

    @classmethod
    def of_arguments(
        cls, filter: OrderFilter | None, sort: OrderSort | None, page: Page, columns: str
    ) -> OrderListRequest:
        """The request for a field's arguments."""
        return cls(filter or OrderFilter(), sort_of(sort, filter), page, columns)

    @property
    def keyset(self) -> Keyset:
        """The columns that define the order."""
        return KEYSETS[self.sort]


class CustomerListRequest(NamedTuple):
    """A page of the customers that match a filter, in an order."""

    filter: CustomerFilter
    sort: CustomerSort
    page: Page

    @classmethod
    def of_arguments(cls, filter: CustomerFilter | None, sort: CustomerSort | None, page: Page) -> CustomerListRequest:
        """The request for a field's arguments."""
        return cls(filter or CustomerFilter(), customer_sort_of(sort, filter), page)

    @property
    def keyset(self) -> Keyset:
        """The columns that define the order."""
        return CUSTOMER_KEYSETS[self.sort]


def orders(request: OrderListRequest) -> Statement:
    """A page of orders and one more, in the order in which the page is read. Raises BadInput, InvalidCursor."""
    parameters = Parameters()
    return _page_of_orders(order_conditions(request.filter, parameters, "o"), request, parameters)


def customers(request: CustomerListRequest) -> Statement:
    """A page of customers and one more, in the order in which the page is read. Raises as `orders`."""
    parameters = Parameters()
    conditions = Conditions(customer_conditions(request.filter, parameters, "c", "filter"))
    return _page(PageOfRows("customer AS c", "c", conditions, request.keyset, request.page), parameters, "c.*")


def orders_of_customers(ids: Sequence[UUID], request: OrderListRequest) -> Statement:
    """A page and one more for each of these customers, with the customer's `place_in_ids`, from 1."""
    parameters = Parameters()
    who = f"unnest({parameters.bind(ids)}::uuid[]) WITH ORDINALITY AS requested (customer_id, place_in_ids)"
    where = order_conditions(request.filter, parameters, "o", of_customer=True).joined("o")
    conditions = Conditions(["o.customer_id = requested.customer_id", where])
    page, values = _page_of_orders(conditions, request, parameters)
    ordered = request.keyset.order_by(request.page, "o")
    of_each = f"SELECT requested.place_in_ids, o.* FROM {who} CROSS JOIN LATERAL ({page}) AS o"
    return f"{of_each} ORDER BY requested.place_in_ids, {ordered}", values


def count_orders(filter: OrderFilter) -> Statement:
    """The number of orders that match. Raises BadInput."""
    parameters = Parameters()
    conditions = order_conditions(filter, parameters, "o")
    return count_sql("sales_order AS o", conditions, "o"), parameters.values


def count_orders_of_customers(ids: Sequence[UUID], filter: OrderFilter) -> Statement:
    """The number of orders that match, by customer; no row for a customer without any. Raises BadInput."""
    parameters = Parameters()
    who = f"o.customer_id = ANY({parameters.bind(ids)}::uuid[])"
    where = order_conditions(filter, parameters, "o", of_customer=True).joined("o")
    return (
        f"SELECT customer_id, count(*) AS orders FROM sales_order AS o WHERE {who} AND {where} GROUP BY 1",
        parameters.values,
    )


def count_customers(filter: CustomerFilter) -> Statement:
    """The number of customers that match. Raises BadInput."""
    parameters = Parameters()
    conditions = customer_conditions(filter, parameters, "c", "filter")
    return f"SELECT count(*) FROM customer AS c WHERE {' AND '.join(conditions)}", parameters.values


def _page_of_orders(conditions: Conditions, request: OrderListRequest, parameters: Parameters) -> Statement:
    rows = PageOfRows("sales_order AS o", "o", conditions, request.keyset, request.page)
    return _page(rows, parameters, request.columns)


def _page(rows: PageOfRows, parameters: Parameters, columns: str) -> Statement:
    at_most = parameters.bind(rows.page.size + 1)
    return rows.sql(parameters, at_most, columns), parameters.values


def _sorted(given: Arguments) -> Keyset:
    return KEYSETS[sort_of(given["sort"], given["filter"])]


def _orders(given: Arguments, parameters: Parameters, alias: str) -> Conditions:
    return order_conditions(given["filter"] or OrderFilter(), parameters, alias)


def _orders_of_customer(given: Arguments, parameters: Parameters, alias: str) -> Conditions:
    return order_conditions(given["filter"] or OrderFilter(), parameters, alias, of_customer=True)


def _customers(given: Arguments, parameters: Parameters, alias: str) -> Conditions:
    return Conditions(customer_conditions(given["filter"] or CustomerFilter(), parameters, alias, "filter"))


def _customers_sorted(given: Arguments) -> Keyset:
    return CUSTOMER_KEYSETS[customer_sort_of(given["sort"], given["filter"])]


ORDERS = Pages("sales_order AS {it}", "", _sorted, _orders)

ORDERS_OF_CUSTOMER = Pages(
    "sales_order AS {it}", "{it}.customer_id = {parent}.customer_id", _sorted, _orders_of_customer
)

CUSTOMERS = Pages("customer AS {it}", "", _customers_sorted, _customers)
