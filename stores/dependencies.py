"""Dependencies of routes: the store that this process serves."""

from __future__ import annotations

from typing import Annotated

from fastapi import Depends, Request

from stores.models import StoreId
from stores.problems import no_such_store


async def _this_store(request: Request, store_id: StoreId) -> str:
    own: str = request.app.state.store_id
    if store_id != own:
        raise no_such_store(store_id)
    return own


ThisStore = Annotated[str, Depends(_this_store)]
"""The id in the path, which must be that of this store: 404 otherwise."""
