"""ETag, If-Match and If-None-Match (RFC 9110). The tag of a resource is its version, so that updates of an old version
are rejected; the tag of a list is weak, a digest of its content.
"""

from __future__ import annotations

import re
from urllib.parse import quote

from chassis.http.errors.problems import Problem

_ANY = "*"
_TAG = re.compile(r'(?:^|,)\s*((?:W/)?"[^"]*")\s*(?=,|$)')


def etag(version: int) -> str:
    """The tag of a resource at `version`."""
    return f'"{version}"'


def weak_etag(digest: str) -> str:
    """The weak tag with this digest of the content."""
    return f'W/"{digest}"'


def consistency_token(kind: str, identity: object, version: int) -> str:
    """The token of a write, which a later read sends to see at least that write. Opaque to clients.

    The identity is percent-encoded: a SKU may have any characters, a header only ASCII.
    """
    return f"{kind}:{quote(str(identity), safe='')}:{version}"


def check_if_match(if_match: str | None, version: int) -> None:
    """Raises the problem of a missing `If-Match` (428), or of one that names another version (412).

    Weak tags never match (RFC 9110, 8.8.3.2).
    """
    if if_match is None:
        raise missing_if_match()
    if if_match.strip() != _ANY and etag(version) not in _TAG.findall(if_match):
        raise Problem(412, "precondition-failed", "The resource has changed; read it again.")


def missing_if_match() -> Problem:
    """The 428 of an update without `If-Match`."""
    return Problem(428, "precondition-required", "Send If-Match with the ETag of the resource.")


def check_if_match_when_sent(if_match: str | None, version: int) -> None:
    """Like `check_if_match` for a command that is safe without the header: only an old tag is rejected (412)."""
    if if_match is not None:
        check_if_match(if_match, version)


def is_unchanged(if_none_match: str | None, version: int) -> bool:
    """Whether `If-None-Match` names this version, so that the response is 304."""
    return etag_matches(if_none_match, etag(version))


def etag_matches(if_none_match: str | None, tag: str) -> bool:
    """Whether `If-None-Match` names this tag. Weak and strong tags compare equal."""
    if if_none_match is None:
        return False
    tags = [each.removeprefix("W/") for each in _TAG.findall(if_none_match)]
    return if_none_match.strip() == _ANY or tag.removeprefix("W/") in tags
