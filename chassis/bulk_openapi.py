"""What the OpenAPI pages say about bodies of JSON lines."""

from __future__ import annotations

from typing import Any

import orjson
from pydantic import BaseModel

from chassis.json_lines import MEDIA_TYPE, MOST_LINE_BYTES

HOW_A_BULK_GOES = f"""
One JSON object a line, as many lines as you like, each at most {MOST_LINE_BYTES // 1024} KiB; blank ones are passed.
The answers come while the lines go: one for each line, in order, once it is durable. `status` is 201 for what was made,
200 for what was there already; otherwise `problem` says why the line was refused, as it would be alone, and the others
go on. The last line of the answer counts them all: an answer without it was cut. When the last line has no number and
says 503, or the answer was cut, send again from the first line that has no answer: each line is safe to repeat, so no
Idempotency-Key is needed.
"""

HOW_AN_EXPORT_GOES = """
One JSON object a line, as the POST of this address takes it. An answer that breaks off is gone on with by `after`.
"""


def lines_in(line: type[BaseModel], example: dict[str, Any]) -> dict[str, Any]:
    """The request body of a bulk: a schema of each line."""
    content = {MEDIA_TYPE: {"schema": _whole_schema(line), "example": example}}
    return {"requestBody": {"required": True, "content": content}}


def lines_out(description: str, *examples: dict[str, Any]) -> dict[int | str, dict[str, Any]]:
    """The 200 of an answer of lines, with some of them."""
    text = b"".join(orjson.dumps(each, option=orjson.OPT_APPEND_NEWLINE) for each in examples).decode()
    schema = {"type": "string", "description": "JSON objects, one a line."}
    return {200: {"description": description, "content": {MEDIA_TYPE: {"schema": schema, "example": text}}}}


def _whole_schema(model: type[BaseModel]) -> dict[str, Any]:
    """The model's schema with all that it refers to in its place: it stands apart from the page's components."""
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

    inlined: dict[str, Any] = whole(schema)
    return inlined
