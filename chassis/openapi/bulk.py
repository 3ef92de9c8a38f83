"""JSON lines in the OpenAPI document: descriptions, request and response bodies."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import orjson
from fastapi import Query
from pydantic import BaseModel

from chassis.bulk.json_lines import MEDIA_TYPE, MOST_LINE_BYTES
from chassis.types.schemas import component

Update = Annotated[bool, Query(description="Update existing resources that differ from their line.")]
"""Whether a bulk request may update existing resources; off by default."""


def bulk_description(most_line_bytes: int = MOST_LINE_BYTES) -> str:
    """The common part of the description of a bulk operation."""
    return f"""
One JSON object per line, any number of lines, each at most {most_line_bytes // 1024} KiB; blank lines are skipped.
Results are streamed while lines are sent: one per line, in order, once it is durable. `status` is 201 for a created
resource and 200 for an identical existing one; otherwise `problem` is the reason why the line was rejected, and the
other lines continue. The last line of the response has the totals; without it, the response is incomplete. If the
response is incomplete, or its last line has no number and the status 503, send again from the first line without a
result: each line is safe to retry, so no Idempotency-Key is needed.
"""


BULK_DESCRIPTION = bulk_description()

UPDATE_DESCRIPTION = """
With `update=true`, a line that differs from the existing resource replaces it; its result has `updated`. Omitted
members are cleared. Without it, such a line is rejected, and `errors` lists the members that differ.
"""

EXPORTED_LINES_DESCRIPTION = """
A line with `exported`, as in the export of this resource, restores the row with its id, times and version, or the next
version if the row was deleted here. For an existing row, `exported` is ignored. Its values are accepted as they were
stored, even if new requests could not use them, such as a retired currency or country.
"""

EXPORT_DESCRIPTION = """
One JSON object per line, as the POST of this URL accepts it. Resume an interrupted export with `after`.
"""


def request_lines(line: dict[str, Any], *examples: dict[str, Any]) -> dict[str, Any]:
    """The request body of a bulk operation, by the schema of each line.

    The body as a whole has no schema, since each line is validated by itself.
    """
    schema = {"description": "JSON objects, one per line.", "contentMediaType": MEDIA_TYPE, "contentSchema": line}
    content = {MEDIA_TYPE: {"schema": schema, "example": _text(examples)}}
    return {"requestBody": {"required": False, "content": content}}


def response_lines(description: str, *examples: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The 200 response of lines, with examples."""
    schema = {"type": "string", "description": "JSON objects, one per line."}
    content = {MEDIA_TYPE: {"schema": schema, "example": _text(examples)}}
    return {200: {"description": description, "content": content}}


def inlined_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The model's schema with its references inlined, as a component of the document."""
    schema = model.model_json_schema()
    definitions = schema.pop("$defs", {})

    def whole(part: Any) -> Any:
        if isinstance(part, list):
            return [whole(each) for each in part]
        if not isinstance(part, dict):
            return part
        if reference := part.get("$ref"):
            return whole(definitions[reference.rpartition("/")[2]])
        return {name: whole(each) for name, each in part.items()}

    return component(model.__name__, **whole(schema))


def any_of_schemas(*models: type[BaseModel]) -> dict[str, Any]:
    """The schema of a line that is one of these models."""
    return {"anyOf": [inlined_schema(model) for model in models]}


def _text(lines: Iterable[dict[str, Any]]) -> str:
    return b"".join(orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in lines).decode()
