"""Times in a company's files: a day, or a time with a time zone."""

from __future__ import annotations

import re
from datetime import date, datetime

from chassis.types.times import is_date_time

_A_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def timestamp(name: str, text: str | None) -> str | None:
    """The time as RFC 3339 text; None for none. Raises ValueError for a time without a zone."""
    if not text:
        return None
    if is_date_time(text):
        return text
    try:
        if _A_DAY.fullmatch(text):
            return f"{date.fromisoformat(text)}T00:00:00Z"
        moment = datetime.fromisoformat(text)  # also other forms of ISO 8601, which REST refuses
        if moment.tzinfo is not None:
            return moment.isoformat()
    except ValueError:
        pass
    detail = "is neither a day, such as 1996-07-04, nor a time with a zone, such as 1996-07-04T12:00:00Z"
    raise ValueError(f"#/{name}On {detail}")
