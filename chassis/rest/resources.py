"""Answers that show one resource, or say that it is as it was, or that it is gone. `answers.py` has those of writes."""

from __future__ import annotations

from typing import Protocol, TypeVar

from fastapi import Response

from chassis.rest.etags import consistency_token, etag


class Versioned(Protocol):
    """Whatever counts its changes."""

    version: int


Resource = TypeVar("Resource", bound=Versioned)


def shown(response: Response, resource: Resource) -> Resource:
    """The resource with its ETag."""
    response.headers["ETag"] = etag(resource.version)
    return resource


def unchanged(resource: Versioned) -> Response:
    """The 304 of a resource that the client has already."""
    return Response(status_code=304, headers={"ETag": etag(resource.version)})


def gone(kind: str, identity: object, last_version: int) -> Response:
    """The 204 of a delete, which is a change too: one version after the last."""
    token = consistency_token(kind, identity, last_version + 1)
    return Response(status_code=204, headers={"Consistency-Token": token})
