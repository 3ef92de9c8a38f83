"""Imports orders from other systems."""

from __future__ import annotations

from fastapi import APIRouter, Response

from chassis.databases.mysql import Connection, Row
from chassis.http.errors.problem_types import ERASED
from chassis.openapi.responses import problems
from chassis.rest.dependencies import Db
from chassis.rest.idempotency import Once
from chassis.rest.responses import WriteResponse, created_response, write_response
from orders import repository
from orders.imports.replays import check_is_the_same
from orders.models import ImportedOrder, Order
from orders.placement import rows, rules
from orders.placement.placing import with_known_references
from orders.problems import EXTERNAL_ID_TAKEN, NOT_YET_KNOWN, TOO_LARGE, UNKNOWN_REFERENCE
from orders.replica import repository as replica
from orders.representation import order_of
from orders.statuses import history, past
from orders.statuses.life_cycle import Beginning

router = APIRouter(tags=["orders"])


@router.post(
    "/imported-orders",
    status_code=201,
    response_model=Order,
    summary="Import an order from another system",
    responses={
        200: {"description": "The same order was imported before.", "model": Order},
        **problems(UNKNOWN_REFERENCE, NOT_YET_KNOWN, TOO_LARGE, EXTERNAL_ID_TAKEN, ERASED),
    },
)
async def import_order(old: ImportedOrder, database: Db, once: Once) -> Response:
    """Keeps the order's dates, prices, discounts and status. `externalId` is its number in the system named `source`.

    Importing the same order again changes nothing; a different order with the same number is refused.
    """
    requested = [line.request() for line in old.lines]

    async def work(tx: Connection) -> WriteResponse:
        if before := await repository.find_by_external_id(tx, old.external_id, rows.source(old.source)):
            await _check_is_the_same(tx, old, before)
            there = order_of(before, await repository.find_lines(tx, before))
            return write_response("order", there.id, there, about=there.customer_id)
        known = await replica.references(tx, old.customer_id, requested)
        placed = rules.imported_terms(old.currency)(old.customer_id, requested, known)
        order = rows.imported(old, placed)
        past.check_times(order, rows.now())
        lines = rows.lines_of(order["order_id"], rows.FIRST_VERSION, placed)
        order = await repository.insert_order(tx, order, lines)
        history.note(tx, order, Beginning.IMPORT, once.caller)
        answer = order_of(order, lines)
        return created_response("order", answer.id, answer, f"/orders/{answer.id}", about=old.customer_id)

    try:
        return await once.once(database, work, with_known_references)
    except repository.ExternalIdTaken:  # by a concurrent request
        return await once.once(database, work, with_known_references)


async def _check_is_the_same(tx: Connection, old: ImportedOrder, before: Row) -> None:
    terms = rules.charged_terms(old.currency, [line.request() for line in old.lines])
    lines = rows.lines_of("", rows.FIRST_VERSION, terms)
    first_lines = await repository.find_lines(tx, {**before, "lines_version": rows.FIRST_VERSION})
    commands = await history.commands(tx, before["order_id"])
    first_status = await history.first_status(tx, before["order_id"])
    check_is_the_same(rows.imported(old, terms), lines, before, first_lines, commands, first_status)
