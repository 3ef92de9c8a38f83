"""The command that corrects a delivery address of an order before it is shipped."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response
from pydantic.alias_generators import to_camel

from chassis.databases.mysql import Connection
from chassis.http.errors.problem_types import ERASED
from chassis.openapi.responses import problems
from chassis.rest.dependencies import Db, IfMatch
from chassis.rest.etags import check_if_match, missing_if_match
from chassis.rest.idempotency import Once
from chassis.rest.responses import WriteResponse, write_response
from contracts.orders import read_addresses
from orders import repository
from orders.changes.addresses import Correction, correct
from orders.changes.models import AddressCorrection
from orders.fulfilment.labels import address_packed
from orders.fulfilment.replica import find_packed
from orders.models import Order, OrderId
from orders.problems import ADDRESS_PACKED, NOT_ALLOWED, ORDER_NOT_FOUND, TOO_LARGE, UNKNOWN_REFERENCE, no_such_order
from orders.refusal import Violation
from orders.representation import shown_order
from orders.statuses import history
from orders.statuses.life_cycle import Command, NotAllowed, after

router = APIRouter(tags=["life cycle"])


@router.post(
    "/orders/{order_id}/correct-address",
    response_model=Order,
    summary="Correct a delivery address of an order",
    responses=problems(ORDER_NOT_FOUND, NOT_ALLOWED, ADDRESS_PACKED, TOO_LARGE, UNKNOWN_REFERENCE, ERASED),
)
async def correct_address(
    order_id: OrderId, body: AddressCorrection, database: Db, once: Once, if_match: IfMatch = None
) -> Response:
    """Possible until a parcel to this address is packed. Changes this order only, not the customer's address. Requires
    `If-Match`.

    The history records which fields were corrected, not their values, so that personal data can be erased.
    """
    if if_match is None:  # checked before the Idempotency-Key, which may belong to another request
        raise missing_if_match()
    corrected = body.corrected()

    async def work(tx: Connection) -> WriteResponse:
        order = await repository.find_order(tx, order_id, lock=True)
        if order is None:
            raise no_such_order(order_id)
        check_if_match(if_match, order["version"])
        after(order["status"], Command.CORRECT_ADDRESS)
        if order["erased_at"] is not None:
            raise NotAllowed([Violation("#", "the customer is erased; their address cannot be stored again")])
        correction = correct(read_addresses(order["delivery_addresses"]), corrected)
        if correction.changed:
            if packed := await find_packed(tx, order_id, body.delivery_address_id):
                raise address_packed(packed)
            order = await repository.correct_address(tx, order, correction.addresses)
            history.note(tx, order, Command.CORRECT_ADDRESS, once.caller, _reason(correction, body.delivery_address_id))
        answer = await shown_order(tx, order, await repository.find_lines(tx, order))
        return write_response("order", order_id, answer, about=UUID(order["customer_id"]))

    return await once.once(database, work)


def _reason(correction: Correction, address_id: UUID) -> str:
    return f"{', '.join(map(to_camel, correction.changed))} of {address_id}"
