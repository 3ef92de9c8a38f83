"""Where stores and destinations are, and what the choice of a store depends on. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from math import asin, cos, inf, radians, sin, sqrt

_EARTH_KM = 6371.0

SAME_CITY_KM, SAME_REGION_KM = 10.0, 100.0
"""What counts as the distance if coordinates are missing."""


@dataclass(frozen=True, slots=True)
class Place:
    """As much of an address as a choice needs; `country` is an alpha-2 code, coordinates are degrees (WGS 84)."""

    country: str | None = None
    region: str | None = None
    city: str | None = None
    latitude: float | None = None
    longitude: float | None = None


NOWHERE = Place()


@dataclass(frozen=True, slots=True)
class Store:
    """What the choice of a store depends on. Higher `priority` is preferred."""

    store_id: str
    place: Place = NOWHERE
    priority: int = 0
    sells_online: bool = True
    is_stale: bool = False


def coordinate(degrees: Decimal | float | None) -> float | None:
    """Degrees as a choice computes with them."""
    return None if degrees is None else float(degrees)


def rounded(degrees: Decimal | float | None) -> float | None:
    """Degrees to the first decimal, about 11 km: enough to compare stores, too little to find a person."""
    return None if degrees is None else round(float(degrees), 1)


def distance_km(one: Place, other: Place) -> float:
    """The distance along the surface (haversine). Without coordinates of both, what the same city or region counts as;
    infinite if nothing is known.
    """
    here, there = _coordinates(one), _coordinates(other)
    if here and there:
        return _haversine_km(*here, *there)
    if one.country is None or one.country != other.country:
        return inf
    is_same_region = _is_same(one.region, other.region)
    if _is_same(one.city, other.city) and (is_same_region or None in (one.region, other.region)):
        return SAME_CITY_KM
    return SAME_REGION_KM if is_same_region else inf


def _coordinates(place: Place) -> tuple[float, float] | None:
    """In radians."""
    if place.latitude is None or place.longitude is None:
        return None
    return radians(place.latitude), radians(place.longitude)


def _haversine_km(latitude: float, longitude: float, other_latitude: float, other_longitude: float) -> float:
    chord = (
        sin((other_latitude - latitude) / 2) ** 2
        + cos(latitude) * cos(other_latitude) * sin((other_longitude - longitude) / 2) ** 2
    )
    return 2 * _EARTH_KM * asin(min(1.0, sqrt(chord)))


def _is_same(one: str | None, other: str | None) -> bool:
    return one is not None and other is not None and one.casefold() == other.casefold()
