"""Routes that read delivery days and their events, also as they were at a version or a time."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from fastapi import APIRouter, Response

from chassis.databases.mysql import Connection
from chassis.openapi.responses import NOT_MODIFIED, problems
from chassis.rest import pages
from chassis.rest.dependencies import Db, IfNoneMatch
from chassis.rest.etags import etag, etag_matches, weak_etag
from chassis.rest.responses import unless_unchanged
from shipping.days import models, repository
from shipping.days.models import DayDate, DeliveryDay
from shipping.days.representation import day_of, event_of
from shipping.days.state import Day
from shipping.days.values import DayKey
from shipping.depots import repository as depots
from shipping.depots.models import DepotId
from shipping.past import At, Version, check_not_both
from shipping.problems import DEPOT_NOT_FOUND, VERSION_NOT_FOUND, no_such_day_version, no_such_depot
from shipping.shipments.listing import events_of_stream

router = APIRouter(tags=["delivery days"])


@router.get(
    "/delivery-days/{depot}/{date}",
    response_model=DeliveryDay,
    summary="Get a delivery day",
    responses={**NOT_MODIFIED, **problems(DEPOT_NOT_FOUND, VERSION_NOT_FOUND)},
)
async def get_delivery_day(
    depot: DepotId,
    date: DayDate,
    database: Db,
    response: Response,
    version: Version = None,
    at: At = None,
    if_none_match: IfNoneMatch = None,
) -> DeliveryDay | Response:
    """One on which nothing was planned yet has the version 0. With `version` or `at`, as its events led to it then."""
    check_not_both(version, at)
    key = DayKey(depot, date)
    async with database.reading() as connection:
        if version is not None or at is not None:
            found = await _past(connection, key, version, at)
        else:
            day = await repository.find(connection, key)
            if day.settings is None:
                return _tagged(response, await _empty(connection, day), if_none_match)
            found = day_of(day, day.settings)
    return unless_unchanged(response, found, if_none_match)


@router.get(
    "/delivery-days/{depot}/{date}/events",
    response_model=pages.Page[models.DayEvent],
    summary="Get the events of a delivery day",
    responses=NOT_MODIFIED,
)
async def get_day_events(depot: DepotId, date: DayDate, database: Db, wanted: pages.RequestedPage) -> Response:
    """Oldest first. The ETag is the day's, so `If-None-Match` checks for new events."""
    key = DayKey(depot, date)
    after, plan = wanted.after(), events_of_stream(repository.stream_of(key))
    async with database.reading() as connection:
        day = await repository.find(connection, key)
        found = await plan.read(connection, after, wanted.limit + 1)
    return wanted.answer(found, plan.key, event_of, tag=etag(day.version))


async def _empty(connection: Connection, day: Day) -> DeliveryDay:
    """A day on which nothing was planned yet: what its depot says."""
    depot = await depots.find(connection, day.depot)
    if depot is None:
        raise no_such_depot(day.depot)
    return day_of(day, depots.settings_of(depot))


def _tagged(response: Response, found: DeliveryDay, if_none_match: str | None) -> DeliveryDay | Response:
    """Like `unless_unchanged`, by a digest: a day of version 0 changes with its depot."""
    tag = weak_etag(sha256(found.model_dump_json().encode()).hexdigest()[:24])
    if etag_matches(if_none_match, tag):
        return Response(status_code=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return found


async def _past(connection: Connection, key: DayKey, version: int | None, at: datetime | None) -> DeliveryDay:
    day = await repository.find_past(connection, key, version, at)
    if day.settings is None or (version is not None and day.version != version):
        raise no_such_day_version(key.depot)
    return day_of(day, day.settings)
