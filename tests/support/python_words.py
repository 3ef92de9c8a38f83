"""Words in a message to a client that only a Python program would say."""

from __future__ import annotations

import re

_PYTHON = re.compile(
    r"<\w+[ .]|\bNone\b|NoneType|\bTrue\b|\bFalse\b|\b(?:int|str|float|dict|list|bool)\(|Traceback|[a-z]Error\b"
    r"|Undefined|\bobject at 0x|\\x[0-9a-f]{2}|codec|utf-8'|__main__|gateway\.|graphql\.|strawberry|asyncpg|msgspec"
    r"|\{'\w+'?:|\('\w"
)


def python_in(message: str) -> list[str]:
    """What is of Python in a message, without what it quotes of the request."""
    return _PYTHON.findall(re.sub(r"`[^`]*`", "", message))
