"""`oms stock verify` of many rows, against `oms reconcile` of as many: rows a second, and the memory of both."""

from __future__ import annotations

import os
from argparse import Namespace
from pathlib import Path
from statistics import median

import msgspec

from benchmarks.inventory.shelves import STORE
from benchmarks.inventory.verification import bulk_rows
from benchmarks.inventory.verification.commands import Run, run_oms
from benchmarks.measures import ratio
from benchmarks.stream import read_model
from chassis.databases.migrations import migrate_mysql
from chassis.databases.mysql import Database
from chassis.rest import idempotency
from inventory import settings as of_inventory
from oms.prepare.mysql import prepare_mysql
from stores import settings as of_stores


async def measure_verifying(options: Namespace) -> None:
    """Both commands as whole processes, one after the other.

    Raises RuntimeError if `verify` misses a row that is wrong, or a command fails or sees other rows.
    """
    skus = options.verified_rows // bulk_rows.PER_SKU
    await _prepare()
    async with bulk_rows.administrator() as connection:
        counts = await bulk_rows.fill(connection, skus)
        rows = sum(counts.values())
        if counts != {table: skus * each for table, each in bulk_rows.TABLES.items()}:
            raise RuntimeError(f"the databases have {counts} rows")
        print("; ".join(f"{found:,} rows of {table}" for table, found in counts.items()), flush=True)
        await bulk_rows.add_to_a_movement(connection, 1)
        _find_it(run_oms("stock", "verify", "--wait", "0"))
        await bulk_rows.add_to_a_movement(connection, -1)
        verified = [_verify() for _ in range(options.rounds)]
        await bulk_rows.fill_availability(connection, skus)
        _reconcile(rows)  # warms up, as above
        reconciled = [_reconcile(rows) for _ in range(options.rounds)]
    for name, runs in (("stock verify", verified), ("reconcile", reconciled)):
        print(*(run.line(name, rows) for run in runs), sep="\n")
    took_s, peer_s = (median(run.seconds for run in runs) for runs in (verified, reconciled))
    print(ratio("verify-rows-per-second-to-reconcile", peer_s / took_s, 0.5))


async def _prepare() -> None:
    """Create the databases, without any row."""
    await prepare_mysql()
    await read_model.empty()
    os.environ["OMS_STORE_ID"] = STORE
    await _migrate(of_inventory.database(), of_inventory.MIGRATIONS)
    await _migrate(of_stores.database(), of_stores.MIGRATIONS)


async def _migrate(database: Database, migrations: Path) -> None:
    try:
        await migrate_mysql(database, idempotency.MIGRATIONS, migrations)
    finally:
        await database.close()


def _find_it(run: Run) -> None:
    """Raises RuntimeError unless the first run, which warms up, names the movement."""
    if run.exit_code != 1 or f"store_{STORE} {STORE}/NW-1000001" not in run.printed:
        raise RuntimeError(f"`oms stock verify` has not found the wrong movement: {run.printed}")


def _verify() -> Run:
    run = run_oms("stock", "verify")
    if run.exit_code != 0:
        raise RuntimeError(f"`oms stock verify` failed: {run.printed}")
    return run


def _reconcile(rows: int) -> Run:
    run = run_oms("reconcile", "--table", "availability", "--json")
    [table] = msgspec.json.decode(run.printed)["tables"] if run.exit_code == 0 else [{}]
    if table.get("rows") != {"MySQL": rows, "availability": rows}:
        raise RuntimeError(f"`oms reconcile` failed, or has not compared {rows} rows: {run.printed}")
    return run
