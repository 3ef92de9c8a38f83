"""What schemathesis must be told to test the services: JSON lines, and which refusals only the state decides."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from itertools import count
from pathlib import Path
from time import time
from typing import Any

import schemathesis
from schemathesis import Case, HookContext, Response
from schemathesis.core.failures import Failure
from schemathesis.core.parameters import ParameterLocation
from schemathesis.generation.meta import StatefulPhaseData
from schemathesis.openapi.checks import RejectedPositiveData

from chassis.bulk.json_lines import MEDIA_TYPE
from orders import examples
from shipping.carriers.signatures import sign
from shipping.shipments.examples import CARRIER
from stores.examples import SKU, STORE_ID
from tests.support.shop import catalogue_of_the_examples as catalogue
from tests.support.shop import days_of_the_examples as days
from tests.support.shop import returns_of_the_examples as returns
from tests.support.shop import shipments_of_the_examples as shipments
from tests.support.shop.shop_of_the_examples import BEGINS, order_id

BY_STATE = {
    "unknown-reference": "ids are drawn, and few of them are of something that there is",
    "idempotency-key-reused": "a key is drawn twice, with another body",
    "invalid-parent": "the tree of categories that there is",
    "unknown-category": "slugs are drawn, and few of them are of something that there is",
}
"""Types of problems with the status 422 that say nothing about the form of the request."""

BEYOND_JSON_SCHEMA = {
    "must be the nextCursor of a response": "a cursor is signed",
    "together is not supported": "which parameters go together",
    " as well": "which parameters go together",
    "is not supported with these filters": "which parameters go together",
    "cannot be combined with": "which parameters go together",
    "not possible with": "which parameters go together",
    "sorting by price require": "which parameters go together",
    "decimals": "what the currency allows",
    "is before ": "one time after another",
    "is in the future": "the time of day",
    "must be a day such as": "the days of a month",
    "is not a time zone": "the names that there are",
    "must be later than opens": "one time after another",
    "is named twice": "two vans with one name",
    "when the status is ": "which times a status has",
    "must be less than 1000000000000000": "the product of two numbers",
    "duplicate line": "two lines with one id",
    "in Unicode NFC": "a length after a change",
    "together with latitude": "which members go together",
    "must not be 0, unless": "which members go together",
    "for units that are": "which members go together",
    "greater than reorderAt": "which members go together",
    "the movements of this stock": "what has happened until now",
    "the quantity of the allocation": "how much it is",
    "would have more than": "the sum of two numbers",
}
"""Parts of what a fault says that no schema of one value can say."""


@schemathesis.serializer(MEDIA_TYPE)
def lines(context: Any, value: Any) -> bytes:
    """Text as it is; any other value as a line."""
    return value.encode(errors="replace") if isinstance(value, str) else json.dumps(value).encode() + b"\n"


@schemathesis.hook
def filter_failure(context: HookContext, failure: Failure, case: Case[Any], response: Response) -> bool:
    """Whether this is a failure: not when a request of the right form was refused for what its form does not say."""
    if isinstance(failure, RejectedPositiveData) and response.status_code == 428:
        return False  # what is there already is only replaced with If-Match
    if not isinstance(failure, RejectedPositiveData) or response.status_code != 422:
        return True
    problem = response.json()
    faults = [fault["detail"] for fault in problem.get("errors", [])]
    is_beyond = all(any(part in fault for part in BEYOND_JSON_SCHEMA) for fault in faults)
    return not (problem["type"].rpartition(":")[2] in BY_STATE or (faults and is_beyond))


_calls = count()


@schemathesis.hook
def before_call(context: HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
    """Let three of four requests be new ones, about things that there are, as they are now.

    Otherwise most would be repetitions, or refer to nothing, or come too late, and never get to what they say.
    """
    number = next(_calls)
    if case.meta is None:
        return
    is_drawn = not isinstance(case.meta.phase.data, StatefulPhaseData)
    # A story has none that repeats: it would be told again of what was made, which may be deleted since.
    if number % 4 == 0 and is_drawn:
        return
    command = case.path.rpartition("/")[2]
    if is_drawn and not case.meta.is_negative_at(ParameterLocation.PATH):
        case.path_parameters.update(_of_the_examples(case, command, number))
    if "store_id" in case.path_parameters and not case.meta.is_negative_at(ParameterLocation.PATH):
        case.path_parameters["store_id"] = STORE_ID
    if not case.meta.is_negative_at(ParameterLocation.HEADER):
        case.headers.update({name: value for name, value in _headers(number).items() if name in case.headers})
    if isinstance(case.body, dict) and not case.meta.is_negative_at(ParameterLocation.BODY):
        case.body = _with(_names(case, number) | _references(case, number), case.body)
    if "/carriers/" in case.path and isinstance(case.body, dict):
        _sign(case)


def _of_the_examples(case: Case[Any], command: str, number: int) -> dict[str, str]:
    """Path parameters of what there is for a command."""
    if of_days := days.path_parameters(case.method, case.path, number):
        return of_days
    if "shipment_id" in case.path_parameters:
        return {"shipment_id": shipments.shipment_id("track" if "/parcels/" in case.path else command, number)}
    if "return_id" in case.path_parameters:
        return {"return_id": returns.return_id(command, number)}
    if "carrier" in case.path_parameters:
        return {"carrier": CARRIER}
    return {"order_id": order_id(command, number)} if command in BEGINS else {}


def _sign(case: Case[Any]) -> None:
    """Sign a carrier's message, as `requests` writes it."""
    content = json.dumps(case.body, allow_nan=False).encode()
    sent_at = int(time())
    signed = {
        "Webhook-Id": "msg",
        "Webhook-Timestamp": str(sent_at),
        "Webhook-Signature": sign(shipments.SECRET, "msg", sent_at, content),
    }
    case.headers.update(signed)


def _headers(number: int) -> dict[str, str]:
    return {"Idempotency-Key": f"key-{number}", "If-Match": "*"}


def _names(case: Case[Any], number: int) -> dict[str, str]:
    """What nobody else may have, by its name in a body. In a store a SKU is no new thing: its units move."""
    if "store_id" in case.path_parameters:
        return {"sku": SKU, "reference": f"{number}"}
    if case.path == "/categories":
        return {"slug": f"category-{number}", "parent": catalogue.PARENT}
    return {"email": f"{number}@example.com", "externalId": f"{number}", "sku": f"SKU-{number}"}


def _references(case: Case[Any], number: int) -> dict[str, Any]:
    if "/returns" in case.path:
        return returns.REFERENCES
    if case.path.endswith("/deliveries"):
        return days.new_delivery(number)
    if case.path.startswith("/depots"):
        return days.SETTINGS
    if "shipment" in case.path:
        return {"orderLineId": shipments.LINE_ID, "orderId": shipments.ORDER_ID, "quantity": 1}
    return _REFERENCES if "orders" in case.path else {}


_REFERENCES = {
    "customerId": examples.CUSTOMER_ID,
    "deliveryAddressId": examples.ADDRESS_ID,
    "sku": examples.NEW_ORDER["lines"][0]["sku"],
}
"""What an order can refer to."""


def _with(known: Mapping[str, Any], body: Any) -> Any:
    if isinstance(body, list):
        return [_with(known, each) for each in body]
    if isinstance(body, dict):
        return {name: known.get(name, _with(known, value)) for name, value in body.items()}
    return body


@schemathesis.hook
def after_call(context: HookContext, case: Case[Any], response: Response) -> None:
    """Write down which operation was answered with which status."""
    with Path(os.environ["OMS_TEST_ANSWERS"]).open("a") as told:
        told.write(f"{case.method} {case.path} {response.status_code}\n")
