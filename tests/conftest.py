"""Tests run in random order: a test that needs what another one left behind fails here first.

The files of a folder are shuffled, and the tests of a file. The folders have an order: what needs nothing runs while
the servers start, then what needs servers, then what needs the whole system, on the same servers.
`OMS_TEST_SEED=…` repeats an order: the header of each run names its seed. With `-n 2`, two processes share the files,
each with servers of its own; both take them in this order. `--minutes=…` begins none after that time.
"""

from __future__ import annotations

import gc
import os
import random
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from time import monotonic

import hypothesis
import pytest

from chassis import logs
from local.errors import StackError
from local.programs import GROUPS, SERVERS
from tests.support.system import servers

# An example may take as long as the machine is slow.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")

_SEED = pytest.StashKey[int]()
_HAS_SERVERS = pytest.StashKey[bool]()
_ENDS_AT = pytest.StashKey[float]()


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--minutes",
        type=float,
        help="begin no test after this time: as the order is random, each is run by one run or another",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.stash[_SEED] = int(os.environ.get("OMS_TEST_SEED") or random.SystemRandom().randrange(1_000_000))
    # The processes of pytest-xdist inherit it: all must have the tests in one order.
    os.environ["OMS_TEST_SEED"] = str(config.stash[_SEED])
    # What a command prints must not depend on the terminal of who runs the tests: a console keeps this width for good.
    os.environ.pop("COLUMNS", None)

    if (minutes := config.getoption("minutes")) is not None:
        config.stash[_ENDS_AT] = monotonic() + 60 * minutes

    is_reordered = config.getoption("dist") != "loadfile" or config.getoption("loadscopereorder")
    if config.getoption("numprocesses") and is_reordered:
        raise pytest.UsageError("-n needs --dist loadfile --no-loadscope-reorder: folders are run in their order")


def pytest_report_header(config: pytest.Config) -> str:
    return f"random order: OMS_TEST_SEED={config.stash[_SEED]}"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    chance = random.Random(config.stash[_SEED])
    shuffled: list[pytest.Item] = []
    for _, of_folder in groupby(sorted(items, key=_folder), _folder):
        files = [list(of_file) for _, of_file in groupby(of_folder, lambda item: item.path)]
        chance.shuffle(files)
        for of_file in files:
            chance.shuffle(of_file)
            shuffled += of_file
    items[:] = shuffled


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    ends_at = item.config.stash.get(_ENDS_AT, None)
    if ends_at is not None and monotonic() > ends_at:
        pytest.skip(f"not run: the {item.config.getoption('minutes'):g} minutes are over")


def _folder(item: pytest.Item) -> tuple[int, str]:
    folder = item.path.relative_to(Path(__file__).parent).parts[0]
    return ("integration", "end_to_end").index(folder) if folder in ("integration", "end_to_end") else -1, folder


def pytest_collection_finish(session: pytest.Session) -> None:
    # The tests themselves are for ever: the garbage collector would walk through them for a second again and again.
    gc.collect()
    gc.freeze()
    needed = {fixture for item in session.items for fixture in getattr(item, "fixturenames", ())}
    if "ready_servers" not in needed or session.config.option.collectonly:
        return
    session.stash[_HAS_SERVERS] = True
    try:
        # Our processes would work on what integration tests write.
        servers.start([SERVERS] if "servers" in needed else GROUPS)
    except StackError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_sessionfinish(session: pytest.Session) -> None:
    # Not as a cleanup of `config`: pytest-xdist kills a process whose cleanup takes 10 s, and its servers would stay.
    if session.stash.get(_HAS_SERVERS, False):
        servers.clean()


@pytest.fixture(scope="session", autouse=True)
def _no_command_configures_logs() -> Iterator[None]:
    """Loggers keep their first configuration: a command run in this process would set it for all later tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "configure", lambda *_args, **_kwargs: None)
        yield


@pytest.fixture(scope="session")
def ready_servers() -> Iterator[dict[str, str]]:
    """The servers, ready, without anything of ours. They are started once for all tests."""
    with servers.ready_servers() as environ:
        yield environ
