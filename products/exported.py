"""The JSON line of an exported product or category."""

from __future__ import annotations

import orjson
from pydantic import BaseModel

_GENERATED = ("createdAt", "updatedAt", "version")


def exported_line(shown: BaseModel) -> bytes:
    """The members that clients write, and in `exported` the ones that the service generates; with a line feed."""
    members = shown.model_dump(mode="json", by_alias=True)
    exported = {name: members.pop(name) for name in _GENERATED}
    return orjson.dumps(members | {"exported": exported}, option=orjson.OPT_APPEND_NEWLINE)
