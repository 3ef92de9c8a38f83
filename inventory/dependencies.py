"""Dependencies of routes: what the state of the app has beside the database."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from inventory.decisions.knowledge import CachedKnowledge
from inventory.holds.gate import Gate


async def _knowledge(request: Request) -> CachedKnowledge:
    found: CachedKnowledge = request.app.state.knowledge
    return found


async def _gate(request: Request) -> Gate:
    found: Gate = request.app.state.gate
    return found


Known = Annotated[CachedKnowledge, Depends(_knowledge)]

Early = Annotated[Gate, Depends(_gate)]
