"""ETag and If-Match (RFC 9110): a resource's tag is its version, so a change on top of a stale one is refused."""

from __future__ import annotations

from chassis.problems import Problem


def etag(version: int) -> str:
    """The tag of a resource at `version`."""
    return f'"{version}"'


def consistency_token(kind: str, identity: object, version: int) -> str:
    """What a write answers with and a later read may carry, to see at least that write. Opaque to clients."""
    return f"{kind}:{identity}:{version}"


def check_if_match(if_match: str | None, version: int) -> None:
    """Refuse a change whose `If-Match` is missing (428) or names another version than the one here (412)."""
    if if_match is None:
        raise Problem(428, "precondition-required", "send If-Match with the ETag of the resource you read")
    if if_match.strip() != "*" and etag(version) not in [tag.strip() for tag in if_match.split(",")]:
        raise Problem(412, "precondition-failed", "the resource was changed meanwhile; read it again")


def check_if_match_when_sent(if_match: str | None, version: int) -> None:
    """Like `check_if_match`, for a command that is safe without: only a stale tag is refused (412)."""
    if if_match is not None:
        check_if_match(if_match, version)


def is_unchanged(if_none_match: str | None, version: int) -> bool:
    """Whether a reader who sends `If-None-Match` has this version already (304). Weak tags compare equal."""
    if if_none_match is None:
        return False
    tags = [tag.strip().removeprefix("W/") for tag in if_none_match.split(",")]
    return "*" in tags or etag(version) in tags
