"""Values that break parsers do not break the databases either, at any place that takes a value."""

from __future__ import annotations

import pytest
from structlog.testing import capture_logs

from gateway.api import app
from tests.support.apps import running
from tests.support.gateway.bad_requests import POSITIONS, bodies
from tests.support.gateway.both_paths import shop
from tests.support.views.read_model import ReadModel
from tests.support.views.search_index import Index

CODES = {"BAD_REQUEST", "BAD_USER_INPUT", "TOO_COMPLEX", "CURSOR_GONE", "UNKNOWN_CURSOR"}


async def test_a_bad_value_reaches_no_database(
    read_model: ReadModel, index: Index, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OMS_GATEWAY_MAX_TOKENS", "2000")
    monkeypatch.setenv("OMS_RATE_LIMIT", "off")
    await shop(read_model)
    queries = [at for at in POSITIONS if at.kind == "query"]
    async with running(app()) as http:
        with capture_logs() as logs:
            for at in queries:
                for name, body in bodies(at):
                    sent = {"Content-Type": "application/json", "Accept": "application/json"}
                    answer = await http.post("/graphql", content=body.encode(), headers=sent)

                    codes = {error["extensions"]["code"] for error in answer.json().get("errors", [])}
                    assert answer.status_code in (200, 400), (at.name, name, answer.text)
                    assert codes <= CODES, (at.name, name, answer.text)

    told = {line["event"] for line in logs if line["log_level"] in ("error", "warning")}
    assert told & {"operation not compiled", "compiled statement failed", "field failed", "request failed"} == set()
