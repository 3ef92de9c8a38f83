"""A movement in one JSON line."""

from __future__ import annotations

from chassis.types.schemas import example
from stores.examples import NEW_MOVEMENT
from stores.models import NewMovement, Reference


class MovementLine(NewMovement):
    """Units that moved. The line is safe to repeat: a SKU has at most one movement with its `reference`."""

    model_config = example(NEW_MOVEMENT)

    reference: Reference
