"""ETag, If-Match and If-None-Match (RFC 9110): a resource's tag is its version, so a change on top of a stale one is
refused; a list's is weak, of what it says.
"""

from __future__ import annotations

import re

from chassis.http.problems import Problem

_ANY = "*"
_TAG = re.compile(r'(?:^|,)\s*((?:W/)?"[^"]*")\s*(?=,|$)')


def etag(version: int) -> str:
    """The tag of a resource at `version`."""
    return f'"{version}"'


def weak_etag(digest: str) -> str:
    """The tag of an answer that says this, in whatever bytes."""
    return f'W/"{digest}"'


def consistency_token(kind: str, identity: object, version: int) -> str:
    """What a write answers with and a later read may carry, to see at least that write. Opaque to clients."""
    return f"{kind}:{identity}:{version}"


def check_if_match(if_match: str | None, version: int) -> None:
    """Refuse a change whose `If-Match` is missing (428) or names another version than the one here (412).

    A weak tag names none: two answers that only mean the same are no ground for a change.
    """
    if if_match is None:
        raise missing_if_match()
    if if_match.strip() != _ANY and etag(version) not in _TAG.findall(if_match):
        raise Problem(412, "precondition-failed", "the resource was changed meanwhile; read it again")


def missing_if_match() -> Problem:
    """The 428 of a change without `If-Match`."""
    return Problem(428, "precondition-required", "send If-Match with the ETag of the resource you read")


def check_if_match_when_sent(if_match: str | None, version: int) -> None:
    """Like `check_if_match`, for a command that is safe without: only a stale tag is refused (412)."""
    if if_match is not None:
        check_if_match(if_match, version)


def is_unchanged(if_none_match: str | None, version: int) -> bool:
    """Whether a reader who sends `If-None-Match` has this version already (304)."""
    return etag_matches(if_none_match, etag(version))


def etag_matches(if_none_match: str | None, tag: str) -> bool:
    """Whether `If-None-Match` names this tag. Weak and strong tags compare equal."""
    if if_none_match is None:
        return False
    tags = [each.removeprefix("W/") for each in _TAG.findall(if_none_match)]
    return if_none_match.strip() == _ANY or tag.removeprefix("W/") in tags
