"""The route by which carriers report. Each message is signed with the secret of its carrier."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Request

from chassis.openapi.headers import UNVERSIONED
from chassis.openapi.responses import problems
from chassis.rest.dependencies import Db
from shipping import settings
from shipping.carriers.messages import Message
from shipping.carriers.models import CarrierEvent, CarrierResult
from shipping.carriers.recording import receive
from shipping.carriers.signatures import is_signed
from shipping.problems import CARRIER_NOT_FOUND, SIGNATURE_INVALID, no_such_carrier, not_signed
from shipping.shipments.commands import happened
from shipping.shipments.examples import CARRIER
from shipping.shipments.models import CARRIER_PATTERN
from shipping.shipments.values import TrackingCode
from shipping.times import now

_CLOCKS_DIFFER = timedelta(minutes=5)
"""How far the clock of a carrier may be ahead."""

router = APIRouter(tags=["carriers"])

CarrierCode = Annotated[str, Path(pattern=CARRIER_PATTERN, description="The carrier's code.", examples=[CARRIER])]


async def _signed(
    request: Request,
    carrier: CarrierCode,
    webhook_id: Annotated[str, Header(description="The id of the message.")] = "",
    webhook_timestamp: Annotated[str, Header(description="When it was sent, in seconds since 1970.")] = "",
    webhook_signature: Annotated[str, Header(description="Its signatures: `v1,` and base64 of HMAC-SHA256.")] = "",
) -> str:
    """The carrier, whose message this is. Raises the 404 of one without a secret, and the 401."""
    secrets = settings.CARRIER_SECRETS.get(carrier)
    if secrets is None:
        raise no_such_carrier(carrier)
    body = await request.body()
    if not is_signed(secrets, webhook_id, webhook_timestamp, webhook_signature, body, now()):
        raise not_signed()
    return carrier


@router.post(
    "/carriers/{carrier}/events",
    response_model=CarrierResult,
    summary="Report a carrier's event",
    openapi_extra={UNVERSIONED: True},
    responses=problems(CARRIER_NOT_FOUND, SIGNATURE_INVALID),
)
async def receive_event(event: CarrierEvent, database: Db, carrier: Annotated[str, Depends(_signed)]) -> CarrierResult:
    """Signed as Standard Webhooks specify. An event is kept once by its `eventId`, so it can be sent again; one whose
    tracking number is not known yet waits for it. A status never moves back, in whatever order events arrive.
    """
    at, code = happened(event.at, now(), _CLOCKS_DIFFER), TrackingCode(event.code).value
    message = Message(carrier, event.event_id, event.tracking_number, code, event.city, event.country, at)
    return CarrierResult(event_id=event.event_id, result=await receive(database, message, now))
