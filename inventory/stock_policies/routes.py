"""Routes of stock policies. The writes of a route are in its function `work`."""

from __future__ import annotations

from fastapi import APIRouter, Response

from chassis.databases.mysql import Connection, transact
from chassis.http.routing.paths import url_path
from chassis.openapi.responses import NOT_MODIFIED, problems
from chassis.rest.dependencies import Db, IfMatchWhenSent, IfNoneMatch
from chassis.rest.etags import check_if_match
from chassis.rest.responses import WriteResponse, created_response, unless_unchanged, write_response
from inventory import availability_rows
from inventory.decisions.policies import ANY
from inventory.dependencies import Early, Known
from inventory.problems import POLICY_NOT_FOUND, STORE_NOT_FOUND, invalid_request, no_such_policy, no_such_store
from inventory.settings import SAFETY_MARGIN
from inventory.sku_availability.refreshing import refresh
from inventory.stock_policies import repository
from inventory.stock_policies.models import StockPolicy, StockPolicyInput, ThisSkuOrAny, ThisStoreOrAny
from inventory.times import now

router = APIRouter(tags=["stock policies"])


@router.get(
    "/stock-policies/{store_id}/{sku}",
    response_model=StockPolicy,
    summary="Get a stock policy",
    responses={**NOT_MODIFIED, **problems(POLICY_NOT_FOUND)},
)
async def get_stock_policy(
    store_id: ThisStoreOrAny, sku: ThisSkuOrAny, database: Db, response: Response, if_none_match: IfNoneMatch = None
) -> StockPolicy | Response:
    """The one with exactly these names. With `If-None-Match`, 304 if the client has the current version."""
    async with database.reading() as connection:
        policy = await repository.find_policy(connection, store_id, sku)
    if policy is None:
        raise no_such_policy(store_id, sku)
    return unless_unchanged(response, policy, if_none_match)


@router.put(
    "/stock-policies/{store_id}/{sku}",
    response_model=StockPolicy,
    summary="Set a stock policy",
    responses={201: {"model": StockPolicy, "description": "Created."}, **problems(STORE_NOT_FOUND)},
)
async def put_stock_policy(
    store_id: ThisStoreOrAny,
    sku: ThisSkuOrAny,
    new: StockPolicyInput,
    database: Db,
    known: Known,
    gate: Early,
    if_match: IfMatchWhenSent = None,
) -> Response:
    """Creates the policy, or replaces it, which requires `If-Match` unless nothing changes.

    Units that are promised already stay promised. If the response is lost, send the same again.
    """

    if errors := new.faults(store_id):
        raise invalid_request(errors)

    async def work(tx: Connection) -> WriteResponse:
        if store_id != ANY and not await availability_rows.has_store(tx, store_id):
            raise no_such_store(store_id)
        policy = await repository.find_policy(tx, store_id, sku, lock=True)
        if policy is not None and _is_same(policy, new):
            return write_response("policy", f"{store_id}/{sku}", policy)
        if policy is not None or if_match is not None:
            check_if_match(if_match, policy.version if policy else 0)
        written = await repository.write_policy(tx, store_id, sku, new, is_new=policy is None)
        if policy is not None:
            return write_response("policy", f"{store_id}/{sku}", written)
        return created_response("policy", f"{store_id}/{sku}", written, url_path("stock-policies", store_id, sku))

    answer = await transact(database, work)
    # Not in the same transaction: all rows may have the margin of a policy for all SKUs.
    await availability_rows.apply_margins(database, SAFETY_MARGIN, now(), None if sku == ANY else sku)
    await refresh(database, sku=None if sku == ANY else sku)
    known.forget()
    gate.redis.forget([] if sku == ANY else [sku])
    return answer.response()


def _is_same(policy: StockPolicy, new: StockPolicyInput) -> bool:
    return all(getattr(policy, name) == getattr(new, name) for name in StockPolicyInput.model_fields)
