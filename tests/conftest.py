"""Tests run in random order: a test that needs what another one left behind fails here first.

The files of a folder are shuffled, and the tests of a file; the folders keep their order, so that each starts its
servers once. `OMS_TEST_SEED=…` repeats an order: the header of each run names its seed.
"""

from __future__ import annotations

import os
import random
from itertools import groupby

import hypothesis
import pytest

# An example may take as long as the machine is slow.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

_SEED = pytest.StashKey[int]()


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_SEED] = int(os.environ.get("OMS_TEST_SEED") or random.SystemRandom().randrange(1_000_000))


def pytest_report_header(config: pytest.Config) -> str:
    return f"random order: OMS_TEST_SEED={config.stash[_SEED]}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chance = random.Random(config.stash[_SEED])
    shuffled: list[pytest.Item] = []
    for _, of_folder in groupby(items, lambda item: item.path.parent):
        files = [list(of_file) for _, of_file in groupby(of_folder, lambda item: item.path)]
        chance.shuffle(files)
        for of_file in files:
            chance.shuffle(of_file)
            shuffled += of_file
    items[:] = shuffled
