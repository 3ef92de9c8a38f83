"""Distances between stores and destinations, and the settings of the sourcing policy."""

from __future__ import annotations

import subprocess
import sys
from math import inf

import pytest

from inventory.decisions.places import SAME_CITY_KM, SAME_REGION_KM, Place, distance_km, rounded
from inventory.decisions.sourcing_policy import DEFAULT_RULES, Split, StaleStores, parsed_policy

BERLIN = Place("DE", "BE", "Berlin", 52.5, 13.4)
LIMA = Place("PE", None, "Lima", -12.0, -77.0)


def test_a_distance_is_that_along_the_surface() -> None:
    assert distance_km(BERLIN, LIMA) == distance_km(LIMA, BERLIN) == pytest.approx(11_085, rel=0.01)
    assert distance_km(BERLIN, BERLIN) == 0
    assert distance_km(Place(latitude=0.0, longitude=179.0), Place(latitude=0.0, longitude=-179.0)) < 223


def test_without_coordinates_the_same_city_and_region_are_near() -> None:
    here = Place("DE", "BE", "Berlin")

    assert distance_km(here, BERLIN) == SAME_CITY_KM
    assert distance_km(here, Place("DE", "be", "Potsdam")) == SAME_REGION_KM
    assert distance_km(here, Place("DE", None, "BERLIN")) == SAME_CITY_KM
    assert distance_km(here, Place("DE", "BY", "Berlin")) == inf
    assert distance_km(here, Place("US", "BE", "Berlin")) == inf
    assert distance_km(Place(), Place()) == inf


def test_coordinates_are_rounded_to_a_tenth_of_a_degree() -> None:
    assert (rounded(52.520008), rounded(-0.04), rounded(None)) == (52.5, 0.0, None)


def test_a_policy_is_read_from_settings() -> None:
    policy = parsed_policy("priority, nearest", "lines", "never")

    assert (policy.rules, policy.split, policy.stale_stores) == (
        ("priority", "nearest"),
        Split.LINES,
        StaleStores.NEVER,
    )
    assert parsed_policy(",".join(DEFAULT_RULES), "units", "last").rules == DEFAULT_RULES


@pytest.mark.parametrize(
    ("rules", "split", "stale_stores", "message"),
    [
        (
            "fresh,cheapest",
            "units",
            "last",
            "OMS_SOURCING_RULES has 'cheapest': expected some of fresh, fewest-parcels",
        ),
        ("fresh,fresh", "units", "last", "expected each rule once"),
        ("fresh", "orders", "last", "OMS_SOURCING_SPLIT is 'orders': expected one of units, lines, never"),
        ("fresh", "units", "first", "OMS_STALE_STORES is 'first': expected one of last, never"),
    ],
)
def test_unknown_values_are_refused(rules: str, split: str, stale_stores: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        parsed_policy(rules, split, stale_stores)


def test_a_process_does_not_start_with_an_unknown_rule() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", "import inventory.settings"],
        env={"OMS_SOURCING_RULES": "cheapest"},
        capture_output=True,
        text=True,
    )

    assert ended.returncode == 1
    assert "OMS_SOURCING_RULES has 'cheapest'" in ended.stderr
