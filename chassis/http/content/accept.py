"""What a client accepts: the headers `Accept` and `Accept-Encoding`.

Source: RFC 9110, 12.4.2 (quality values), 12.5.1 (Accept), 12.5.3 (Accept-Encoding).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

_QUOTED = r'"(?:[^"\\]|\\.?)*"?'
"""An unterminated one extends to the end, so that matching takes linear time."""

_ELEMENT = re.compile(rf'(?:[^,"]|{_QUOTED})+')
_PART = re.compile(rf'(?:[^;"]|{_QUOTED})+')
_QUALITY = re.compile(r"0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?", re.ASCII)

MAX_RANGES = 30
"""Further elements of a header are ignored."""


class Range(NamedTuple):
    """One element of the header: a media range or a coding in lower case, its parameters, and its quality."""

    name: str
    parameters: Mapping[str, str]
    quality: float


class Quality(NamedTuple):
    """The quality of something that is offered, 0 if it is not acceptable; whether it is named exactly."""

    quality: float
    is_named: bool


def ranges(header: str) -> list[Range]:
    """The elements of a header. One with a malformed quality has the quality 0."""
    found = []
    for element in _ELEMENT.findall(header)[:MAX_RANGES]:
        name, _, rest = element.partition(";")
        parts = [part.strip() for part in _PART.findall(rest)]
        parameters, quality = {}, 1.0
        for part in parts:
            key, _, value = part.partition("=")
            if key.strip().lower() == "q":
                quality = _quality(value.strip())
                break  # what follows are extensions, which RFC 9110 abolished
            parameters[key.strip().lower()] = value.strip().strip('"')
        if name.strip():
            found.append(Range(name.strip().lower(), parameters, quality))
    return found


def named_quality(media_type: str, accepted: Sequence[Range]) -> Quality:
    """The quality of a media type without parameters: of the most specific range that includes it."""
    for name in (media_type, media_type.partition("/")[0] + "/*", "*/*"):
        if found := [each.quality for each in accepted if each.name == name]:
            return Quality(max(found), name == media_type)
    return Quality(0.0, False)


def accepts_coding(coding: str, header: str) -> bool:
    """Whether `Accept-Encoding` accepts a coding other than `identity`. Without the header, none is sent."""
    accepted: Iterable[Range] = ranges(header)
    for name in (coding, "*"):
        if found := [each.quality for each in accepted if each.name == name]:
            return max(found) > 0
    return False


def _quality(text: str) -> float:
    return float(text) if _QUALITY.fullmatch(text) else 0.0
