"""The SQL conditions on orders and customers: only those of the given filters, so each combination has its plan."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from chassis.types.emails import MAX_EMAIL, as_stored
from gateway.errors import BadInput
from gateway.fields.conditions import Conditions, OneOf
from gateway.fields.nodes import key_of, uuid_of
from gateway.fields.parameters import Parameters, size_of
from gateway.fields.scalars import read_text
from gateway.shop.names import WORDS_IN_SQL, as_tsquery
from gateway.shop.orders.inputs import MAX_IDS, CustomerFilter, OrderCustomerFilter, OrderFilter, OrderStatus

_CURRENCY = re.compile(r"[A-Z]{3}")
_NUMBER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}")

# An array is computed once, and its customers are then looked up one by one. For a subquery the planner does not know
# how few match, and would read all customers, or all orders, newest first.
_OF_THAT_NAME = (
    "{c}.customer_id = ANY(ARRAY(SELECT named.customer_id FROM customer AS named WHERE NOT named.deleted AND "
    + WORDS_IN_SQL.format(c="named")
    + " @@ {name}::text::tsquery))"
)


def order_conditions(filter: OrderFilter, parameters: Parameters, o: str, *, of_customer: bool = False) -> Conditions:
    """The conditions of the rows `o` of sales_order that match and are not deleted. Raises BadInput.

    With `of_customer` they are added to those of a list of one customer's orders.
    """
    found = [f"NOT {o}.deleted"]
    one_of: OneOf | None = None

    def add(condition: str, value: Any, read: Any = None) -> None:
        if value is not None:
            found.append(condition.format(parameters.bind(value, read), o=o))

    add("{o}.order_id = ANY({}::uuid[])", filter.ids, _ids)
    add("{o}.number = {}", filter.number, _number)
    add("{o}.external_id = {}", filter.external_id, key_of)
    add("{o}.source = {}", _with(filter.external_id, filter.source), key_of)
    add("{o}.customer_id = {}", filter.customer_id, uuid_of)
    add("{o}.placed_at >= {}", filter.placed_from)
    add("{o}.placed_at < {}", filter.placed_before)
    add("{o}.updated_at >= {}", filter.updated_from)
    add("{o}.updated_at < {}", filter.updated_before)
    add("{o}.total >= {}", filter.total_from)
    add("{o}.total < {}", filter.total_below)
    add("{o}.currency = {}", filter.currency, _currency)
    if filter.status is not None and size_of(filter.status) == 1:
        add("{o}.status = {}", filter.status, lambda statuses: _statuses(statuses)[0])
    elif filter.status is not None:
        one_of = OneOf("status", f"{parameters.bind(filter.status, _statuses)}::text[]", sorted_by="placed_at")
    if filter.customer is not None:
        found.append(_of_customers(filter.customer, parameters, o))
    if of_customer or _are_few(filter):
        contained = _contained(filter, parameters, "({o}.{column} || '{{}}')", o)
        return Conditions([*found, *contained], one_of, are_few=_is_of_named(filter))
    return Conditions(found, one_of, _contained(filter, parameters, "{o}.{column}", o), _ranges(filter))


def _contained(filter: OrderFilter, parameters: Parameters, array: str, o: str) -> list[str]:
    """The conditions on the arrays. If `array` is an expression, their index is not used: another has fewer rows."""
    given = {"skus": (filter.sku, key_of), "countries": (filter.country, _country)}
    found = [
        f"{array.format(o=o, column=column)} @> ARRAY[{parameters.bind(value, read)}]::text[]"
        for column, (value, read) in given.items()
        if value is not None
    ]
    return [f"NOT {o}.deleted", *found] if found else []


def _ranges(filter: OrderFilter) -> list[str]:
    limits = {
        "placed_at": (filter.placed_from, filter.placed_before),
        "updated_at": (filter.updated_from, filter.updated_before),
        "total": (filter.total_from, filter.total_below),
    }
    return [column for column, (low, high) in limits.items() if low is not None and high is not None]


def _are_few(filter: OrderFilter) -> bool:
    """Whether an index has the few orders that the filter selects, whatever they contain."""
    keys = (filter.ids, filter.number, filter.external_id, filter.customer_id)
    return _is_of_named(filter) or any(key is not None for key in keys)


def _is_of_named(filter: OrderFilter) -> bool:
    """Whether the filter selects orders of customers with a name or an email address."""
    customer = filter.customer
    return customer is not None and (customer.name is not None or customer.email is not None)


def _of_customers(filter: OrderCustomerFilter, parameters: Parameters, o: str) -> str:
    fitting = customer_conditions(filter, parameters, "c", "filter.customer")
    customers = f"SELECT c.customer_id FROM customer AS c WHERE {' AND '.join(fitting)}"
    are_few = len(fitting) > 1
    return f"{o}.customer_id = ANY(ARRAY({customers}))" if are_few else f"{o}.customer_id IN ({customers})"


def customer_conditions(filter: OrderCustomerFilter, parameters: Parameters, c: str, argument: str) -> list[str]:
    """The conditions of the rows `c` of customer that match and are not deleted. Raises BadInput with the argument."""
    found = [f"NOT {c}.deleted"]
    if isinstance(filter, CustomerFilter):
        if filter.ids is not None:
            found.append(f"{c}.customer_id = ANY({parameters.bind(filter.ids, _ids)}::uuid[])")
        if filter.updated_from is not None:
            found.append(f"{c}.updated_at >= {parameters.bind(filter.updated_from)}")
        if filter.updated_before is not None:
            found.append(f"{c}.updated_at < {parameters.bind(filter.updated_before)}")
    if filter.name is not None:
        name = parameters.bind(filter.name, lambda text: _words(text, f"{argument}.name"))
        found.append(_OF_THAT_NAME.format(c=c, name=name))
    if filter.email is not None:
        email = parameters.bind(filter.email, lambda text: as_stored(read_text(text, f"{argument}.email", MAX_EMAIL)))
        found.append(f"lower({c}.email) = lower({email})")
    return found


def _words(name: str, argument: str) -> str:
    if query := as_tsquery(read_text(name, argument)):
        return query
    raise BadInput(f"`{argument}` must contain a word")


def _ids(ids: Sequence[str]) -> list[UUID]:
    """The UUIDs of ids, without malformed ones. Raises BadInput."""
    if not 1 <= len(ids) <= MAX_IDS:
        raise BadInput(f"`filter.ids` must have 1 to {MAX_IDS} ids, not {len(ids)}")
    return [key for key in map(uuid_of, ids) if key is not None]


def _number(text: str) -> int | None:
    """The number of an order; None for a malformed one, which no order has."""
    return int(text) if _NUMBER.fullmatch(text.strip()) else None


def _with(external_id: Any, source: Any) -> Any:
    if source is not None and external_id is None:
        raise BadInput("`filter.source` requires `filter.externalId`")
    return source


def _statuses(statuses: Sequence[OrderStatus]) -> list[str]:
    """The stored values of statuses, each once. Raises BadInput."""
    if not statuses or OrderStatus.UNKNOWN in statuses:
        raise BadInput("`filter.status` must have at least one status, and not UNKNOWN")
    return list(dict.fromkeys(each.value for each in statuses))


def _currency(code: str) -> str:
    if not _CURRENCY.fullmatch(code.upper()):
        raise BadInput("`filter.currency` must be an ISO 4217 code such as USD")
    return code.upper()


def _country(code: str) -> str:
    if not _COUNTRY.fullmatch(code.upper()):
        raise BadInput("`filter.country` must be an ISO 3166-1 alpha-2 code such as PE")
    return code.upper()
