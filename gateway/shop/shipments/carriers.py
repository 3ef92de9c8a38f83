"""Where the carriers show how far a parcel is: the page of each for a tracking number."""

from __future__ import annotations

import re
from collections.abc import Mapping

_PAGES: Mapping[str, str] = {
    "dhl": "https://www.dhl.com/global-en/home/tracking.html?tracking-id=",
    "dpd": "https://tracking.dpd.de/status/en_US/parcel/",
    "fedex": "https://www.fedex.com/fedextrack/?trknbr=",
    "ups": "https://www.ups.com/track?tracknum=",
    "usps": "https://tools.usps.com/go/TrackConfirmAction?tLabels=",
}
"""By the code of the carrier: the beginning of the address, which the tracking number ends."""

_NUMBER = re.compile(r"[0-9A-Za-z-]+", re.ASCII)
"""The tracking numbers that can stand in an address as they are; others have no page."""


def tracking_url(carrier: str | None, tracking_number: str | None) -> str | None:
    """The carrier's page about a parcel; None without a tracking number, or for a carrier that is not known here."""
    page = _PAGES.get(carrier or "")
    if page is None or tracking_number is None or not _NUMBER.fullmatch(tracking_number):
        return None
    return page + tracking_number


def tracking_url_sql(carrier: str, tracking_number: str) -> str:
    """The SQL of `tracking_url` for the SQL of a carrier and a tracking number."""
    pages = " ".join(f"WHEN '{code}' THEN '{page}'" for code, page in _PAGES.items())
    page = f"CASE {carrier} {pages} END"
    return f"CASE WHEN {tracking_number} ~ '^{_NUMBER.pattern}$' THEN ({page}) || {tracking_number} END"
