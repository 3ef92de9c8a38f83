"""The fields of events, and the words in a name that tell of a person."""

from __future__ import annotations

PERSONAL = (
    "number", "name", "recipient", "received", "signed", "street", "phone", "email", "company", "text", "postal",
)  # fmt: skip


def fields_of(schema: object) -> set[str]:
    """The names of all fields in a JSON schema, nested ones included."""
    if isinstance(schema, dict):
        return {*schema.get("properties", ())}.union(*(fields_of(each) for each in schema.values()))
    return set().union(*(fields_of(each) for each in schema)) if isinstance(schema, list) else set()
