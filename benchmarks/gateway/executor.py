"""The gateway without compiled statements: Strawberry executes every operation, with DataLoaders.

python -m benchmarks.gateway.executor, as `gateway.api` in all else.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.http.app import serve
from gateway.api import app
from gateway.compiled.plans import Plans


def no_plan(_: Plans, __: Mapping[str, Any]) -> None:
    """No operation has a compiled statement."""


if __name__ == "__main__":
    Plans.query = no_plan  # type: ignore[method-assign, assignment]
    serve(app(), "gateway")
