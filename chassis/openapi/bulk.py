"""What the OpenAPI pages say about bodies of JSON lines."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any

import orjson
from fastapi import Query
from pydantic import BaseModel

from chassis.bulk.json_lines import MEDIA_TYPE, MOST_LINE_BYTES
from chassis.types.schemas import component

Update = Annotated[bool, Query(description="Replace what is here where a line says something else.")]
"""Whether a bulk may change what is there; it is never done without being asked for."""


def bulk_description(most_line_bytes: int = MOST_LINE_BYTES) -> str:
    """The end of a bulk's description."""
    return f"""
One JSON object a line, as many lines as you like, each at most {most_line_bytes // 1024} KiB; blank ones are passed.
The answers come while the lines go: one for each line, in order, once it is durable. `status` is 201 for what was made,
200 for what was there already and says the same; otherwise `problem` says why the line was refused, as it would be
alone, and the others go on. The last line of the answer counts them all: an answer without it was cut. When the last
line has no number and says 503, or the answer was cut, send again from the first line that has no answer: each line is
safe to repeat, so no Idempotency-Key is needed.
"""


BULK_DESCRIPTION = bulk_description()

UPDATE_DESCRIPTION = """
With `update=true` a line that says something else than what is here replaces it; its answer has `updated`. What a line
leaves out is cleared. Without it, such a line is refused, and `errors` has each member that differs.
"""

EXPORTED_LINES_DESCRIPTION = """
A line with `exported`, as the export of this address has it, makes its row with that identity, those times and that
version, or one above it where such a row was deleted here. Of a row that is here, `exported` changes nothing. What it
says is taken as it was stored, also what nobody could send today, such as a currency or a country that is retired.
"""

EXPORT_DESCRIPTION = """
One JSON object a line, as the POST of this address takes it. An answer that breaks off is gone on with by `after`.
"""


def request_lines(line: dict[str, Any], *examples: dict[str, Any]) -> dict[str, Any]:
    """The request body of a bulk, by the schema of each line.

    The body as a whole is taken whatever it says, since each line is answered for itself; so nothing is asked of it but
    its media type.
    """
    schema = {"description": "JSON objects, one a line.", "contentMediaType": MEDIA_TYPE, "contentSchema": line}
    content = {MEDIA_TYPE: {"schema": schema, "example": _text(examples)}}
    return {"requestBody": {"required": False, "content": content}}


def response_lines(description: str, *examples: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The 200 of an answer of lines, with some of them."""
    schema = {"type": "string", "description": "JSON objects, one a line."}
    content = {MEDIA_TYPE: {"schema": schema, "example": _text(examples)}}
    return {200: {"description": description, "content": content}}


def inlined_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The model's schema with all that it refers to in its place, as a component of the document."""
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
    """The schema of a line that is one of these."""
    return {"anyOf": [inlined_schema(model) for model in models]}


def _text(lines: Iterable[dict[str, Any]]) -> str:
    return b"".join(orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in lines).decode()
