"""Routes that read shipments and their events, also as they were at a version or a time."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from fastapi import APIRouter, Response

from chassis.databases.mysql import Connection
from chassis.openapi.responses import NOT_MODIFIED, problems
from chassis.rest import pages
from chassis.rest.dependencies import Db, IfNoneMatch
from chassis.rest.etags import etag
from chassis.rest.responses import unless_unchanged
from contracts.shipping import ShipmentRow
from shipping.past import At, Version, check_not_both
from shipping.problems import SHIPMENT_NOT_FOUND, VERSION_NOT_FOUND, no_such_shipment, no_such_version
from shipping.shipments import repository
from shipping.shipments.listing import ShipmentQuery, events_of
from shipping.shipments.models import Shipment, ShipmentEvent, ShipmentId
from shipping.shipments.representation import event_of, shipment_of, shipment_of_columns

router = APIRouter(tags=["shipments"])


@router.get("/shipments", response_model=pages.Page[Shipment], summary="List shipments", responses=NOT_MODIFIED)
async def list_shipments(database: Db, plan: ShipmentQuery, wanted: pages.RequestedPage) -> Response:
    """By order, customer, status, or location and status; sorted by id."""
    after = wanted.after()
    async with database.reading() as connection:
        found = await plan.read(connection, after, wanted.limit + 1)
    return wanted.answer(found, plan.key, shipment_of_columns)


@router.get(
    "/shipments/{shipment_id}",
    response_model=Shipment,
    summary="Get a shipment",
    responses={**NOT_MODIFIED, **problems(SHIPMENT_NOT_FOUND, VERSION_NOT_FOUND)},
)
async def get_shipment(
    shipment_id: ShipmentId,
    database: Db,
    response: Response,
    version: Version = None,
    at: At = None,
    if_none_match: IfNoneMatch = None,
) -> Shipment | Response:
    """With `version` or `at`, as its events led to it then, without personal data, which is in no event."""
    check_not_both(version, at)
    async with database.reading() as connection:
        row = await repository.find_row(connection, shipment_id)
        if row is None:
            raise no_such_shipment(shipment_id)
        if version is None and at is None:
            return unless_unchanged(response, shipment_of_columns(row), if_none_match)
        found = await _past(connection, shipment_id, version, at)
    return unless_unchanged(response, shipment_of(found), if_none_match)


@router.get(
    "/shipments/{shipment_id}/events",
    response_model=pages.Page[ShipmentEvent],
    summary="Get the events of a shipment",
    responses={**NOT_MODIFIED, **problems(SHIPMENT_NOT_FOUND)},
)
async def get_events(shipment_id: ShipmentId, database: Db, wanted: pages.RequestedPage) -> Response:
    """Oldest first. The ETag is the shipment's, so `If-None-Match` checks for new events."""
    after, plan = wanted.after(), events_of(shipment_id)
    async with database.reading() as connection:
        row = await repository.find_row(connection, shipment_id)
        if row is None:
            raise no_such_shipment(shipment_id)
        found = await plan.read(connection, after, wanted.limit + 1)
    return wanted.answer(found, plan.key, event_of, tag=etag(row["version"]))


async def _past(connection: Connection, shipment_id: UUID, version: int | None, at: datetime | None) -> ShipmentRow:
    found = await repository.find_past(connection, shipment_id, version, at)
    if found is None or (version is not None and found.version != version):
        raise no_such_version(shipment_id)
    return found
