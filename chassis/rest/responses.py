"""Responses of reads and writes of one resource. Those of writes are made inside the transaction and can be stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar
from uuid import UUID, uuid4

from fastapi import Response

from chassis.rest.etags import consistency_token, etag, is_unchanged

GENERATED_ID = uuid4().hex
"""Stands in a response for the AUTO_INCREMENT value of the row that the write inserts, which is not known yet.

It is random, so that it cannot be part of what a client sends.
"""


class Versioned(Protocol):
    """A resource with a version."""

    version: int


Resource = TypeVar("Resource", bound=Versioned)


class VersionedModel(Versioned, Protocol):
    """A pydantic model of a resource with a version."""

    def model_dump_json(self, *, by_alias: bool) -> str:
        """The resource as JSON."""
        ...


@dataclass(frozen=True)
class WriteResponse:
    """A response that can be stored and replayed. `about` is the id of the person whose data it has, if any.

    The body may have `GENERATED_ID`; it is replaced in the database and by `with_generated`.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    about: UUID | None = None

    def with_generated(self, generated_id: int) -> WriteResponse:
        """The response with the value for `GENERATED_ID`."""
        return replace(self, body=self.body.replace(GENERATED_ID.encode(), b"%d" % generated_id))

    def response(self, **more_headers: str) -> Response:
        """The HTTP response."""
        return Response(self.body, self.status, {**self.headers, **more_headers}, "application/json")


def write_response(
    kind: str,
    identity: object,
    resource: VersionedModel,
    *,
    status: int = 200,
    about: UUID | None = None,
    tagged: int | None = None,
    **headers: str,
) -> WriteResponse:
    """The resource after a write, with its ETag and Consistency-Token.

    The ETag is that of the version `tagged` if it is given: of what clients set, where other changes raise the version.
    """
    token = consistency_token(kind, identity, resource.version)
    return WriteResponse(
        status,
        {"ETag": etag(_tagged_version(resource, tagged)), "Consistency-Token": token, **headers},
        resource.model_dump_json(by_alias=True).encode(),
        about,
    )


def created_response(
    kind: str,
    identity: object,
    resource: VersionedModel,
    location: str,
    *,
    about: UUID | None = None,
    tagged: int | None = None,
) -> WriteResponse:
    """The 201 of a new resource at `location`; `tagged` as for `write_response`."""
    return write_response(kind, identity, resource, status=201, about=about, tagged=tagged, Location=location)


def unless_unchanged(
    response: Response, resource: Resource, if_none_match: str | None, *, tagged: int | None = None
) -> Resource | Response:
    """The resource with its ETag in `response`; a 304 if the client has this version already.

    `tagged` as for `write_response`.
    """
    version = _tagged_version(resource, tagged)
    tag = etag(version)
    if is_unchanged(if_none_match, version):
        return Response(status_code=304, headers={"ETag": tag})
    response.headers["ETag"] = tag
    return resource


def _tagged_version(resource: Versioned, tagged: int | None) -> int:
    return resource.version if tagged is None else tagged


def deleted_response(kind: str, identity: object, last_version: int) -> Response:
    """The 204 of a delete, which counts as a version after the last one."""
    token = consistency_token(kind, identity, last_version + 1)
    return Response(status_code=204, headers={"Consistency-Token": token})
