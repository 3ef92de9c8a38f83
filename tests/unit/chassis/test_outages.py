"""An outage is told as one, and retried; a bug is neither: by the errors that the drivers really raise."""

from __future__ import annotations

import errno
import os
import resource
import socket
import struct
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager

import aiokafka.errors as kafka
import asyncpg
import elasticsearch
import pymysql
import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig
from redis import exceptions as redis

from chassis import outages
from chassis.chunks import handling
from chassis.databases import elasticsearch as by_client
from chassis.databases import mysql_errors, postgres_errors
from chassis.databases.elasticsearch_requests import ElasticsearchRequests
from chassis.databases.mysql import Database as MySQL
from chassis.databases.postgres import Database as Postgres
from chassis.http import redis_errors
from chassis.http.errors.problems import Unavailable
from chassis.settings import MySQLSettings, PostgresSettings


def by_number(number: int) -> pymysql.err.Error:
    """What pymysql raises for an error packet with this number."""
    with pytest.raises(pymysql.err.Error) as raised:
        pymysql.err.raise_mysql_exception(b"\xff" + struct.pack("<h", number) + b"#HY000it is so")
    return raised.value


@pytest.mark.parametrize(
    "number",
    [1040, 1049, 1053, 1203, 1205, 1213, 1290, 1317, 1836, 1927, 1969, 2002, 2003, 2006, 2013, 3024, 3032, 3169, 4031],
)
def test_numbers_of_mysql_that_are_an_outage(number):
    assert mysql_errors.is_unavailable(by_number(number))
    assert handling.is_outage(by_number(number))


@pytest.mark.parametrize(
    "number",
    [
        1044,
        1045,
        1046,
        1054,
        1062,
        1064,
        1136,
        1142,
        1146,
        1149,
        1153,
        1235,
        1264,
        1305,
        1364,
        1406,
        2014,
        2026,
        3819,
    ],
)
def test_numbers_of_mysql_that_are_none(number):
    assert not mysql_errors.is_unavailable(by_number(number))
    assert not handling.is_outage(by_number(number))


def by_state(state: str) -> asyncpg.PostgresError:
    error: asyncpg.PostgresError = asyncpg.PostgresError.new({"S": "ERROR", "C": state, "M": "it is so"})
    assert error.sqlstate == state
    return error


@pytest.mark.parametrize(
    "state",
    [
        "08000",
        "08003",
        "08006",
        "25006",
        "25P03",
        "40001",
        "40P01",
        "53100",
        "53200",
        "53300",
        "55P03",
        "57014",
        "57P01",
        "57P02",
        "57P03",
        "57P05",
    ],
)
def test_states_of_postgres_that_are_an_outage(state):
    assert postgres_errors.is_unavailable(by_state(state))
    assert handling.is_outage(by_state(state))


@pytest.mark.parametrize(
    "state",
    [
        "0A000",
        "22003",
        "22P02",
        "23505",
        "25001",
        "28P01",
        "3D000",
        "3F000",
        "42501",
        "42601",
        "42703",
        "42P01",
        "54000",
        "XX000",
    ],
)
def test_states_of_postgres_that_are_none(state):
    assert not postgres_errors.is_unavailable(by_state(state))
    assert not handling.is_outage(by_state(state))


def test_an_error_of_asyncpg_itself_is_an_outage_only_where_the_connection_is_closed():
    for error in (asyncpg.InterfaceError("connection is closed"), asyncpg.InternalClientError("unexpected state")):
        assert postgres_errors.is_unavailable(error, is_closed=True)
        assert not postgres_errors.is_unavailable(error)
    assert not postgres_errors.is_unavailable(ValueError("no"), is_closed=True)


@pytest.mark.parametrize(
    ("error", "is_one"),
    [
        (OSError(errno.ECONNREFUSED, "refused"), True),
        (OSError(errno.EHOSTUNREACH, "no route"), True),
        (OSError(errno.EPIPE, "gone"), True),
        (TimeoutError(), True),
        (ConnectionResetError(), True),
        (socket.gaierror(socket.EAI_AGAIN, "not now"), True),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed, [Errno 101] Network is unreachable"), True),
        (OSError("Multiple exceptions: [Errno 111] Connect call failed, [Errno 24] Too many open files"), False),
        (OSError(errno.EMFILE, "too many files"), False),
        (OSError(errno.ENOSPC, "no space"), False),
        (OSError(errno.EADDRNOTAVAIL, "no port"), False),
        (FileNotFoundError(errno.ENOENT, "no file"), False),
        (OSError("what is this"), False),
        (ValueError("no"), False),
    ],
)
def test_errors_of_sockets(error, is_one):
    assert outages.is_outage(error) is is_one
    assert handling.is_outage(error) is is_one


@pytest.mark.parametrize(
    ("error", "is_one"),
    [
        (kafka.KafkaConnectionError(), True),
        (kafka.KafkaTimeoutError(), True),
        (kafka.NotLeaderForPartitionError(), True),
        (kafka.RequestTimedOutError(), True),
        (kafka.NotEnoughReplicasError(), True),
        (kafka.TopicAuthorizationFailedError(), False),
        (kafka.InvalidTopicError(), False),
        (kafka.MessageSizeTooLargeError(), False),
        (Unavailable("search"), True),
        (handling.RetryLater("busy"), True),
        (RuntimeError("no"), False),
    ],
)
def test_what_a_worker_waits_out(error, is_one):
    assert handling.is_outage(error) is is_one


@pytest.mark.parametrize(
    ("error", "is_one"),
    [
        (redis.ConnectionError(), True),
        (redis.TimeoutError(), True),
        (redis.BusyLoadingError(), True),
        (redis.ReadOnlyError(), True),
        (TimeoutError(), True),
        (redis.ResponseError("WRONGTYPE"), False),
        (redis.AuthenticationError(), False),
        (redis.DataError(), False),
        (TypeError(), False),
    ],
)
def test_errors_of_redis(error, is_one):
    assert redis_errors.is_unavailable(error) is is_one


def by_status(status: int, kind: str) -> elasticsearch.ApiError:
    meta = ApiResponseMeta(status, "1.1", HttpHeaders(), 0.1, NodeConfig("http", "localhost", 9200))
    return elasticsearch.ApiError(kind, meta, {"error": {"type": kind}, "status": status})


@pytest.mark.parametrize(
    ("error", "is_one"),
    [
        (by_status(429, "es_rejected_execution_exception"), True),
        (by_status(503, "search_phase_execution_exception"), True),
        (by_status(404, "index_not_found_exception"), True),
        (by_status(500, "node_disconnected_exception"), True),
        (by_status(500, "null_pointer_exception"), False),
        (by_status(400, "parsing_exception"), False),
        (by_status(404, "resource_not_found_exception"), False),
        (by_status(401, "security_exception"), False),
        (elasticsearch.ConnectionTimeout("slow"), True),
        (elasticsearch.ConnectionError("gone"), True),
        (elasticsearch.SerializationError("no JSON"), False),
    ],
)
def test_errors_of_elasticsearch(error, is_one):
    assert by_client.is_unavailable(error) is is_one


@contextmanager
def no_files_left() -> Iterator[None]:
    """This process opens no file and no connection."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    first_free = os.dup(0)
    os.close(first_free)
    resource.setrlimit(resource.RLIMIT_NOFILE, (first_free, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def _ask_mysql(port: int) -> None:
    database = MySQL(MySQLSettings("u", "p", "d", "127.0.0.1", port, 1, 5.0))
    try:
        await database.ping()
    finally:
        await database.close()


async def _ask_postgres(port: int) -> None:
    await Postgres(PostgresSettings("u", "p", "d", "s", "127.0.0.1", port, 1, 5.0)).ping()


async def _ask_elasticsearch(port: int) -> None:
    requests = ElasticsearchRequests()
    requests.leads_to("127.0.0.1", port)
    await requests.send("GET", "/")


async def _ask_elasticsearch_by_its_client(port: int) -> None:
    async with elasticsearch.AsyncElasticsearch(f"http://127.0.0.1:{port}", max_retries=0) as client:
        with by_client.raise_unavailable():
            await client.info()


ASKS = [_ask_mysql, _ask_postgres, _ask_elasticsearch, _ask_elasticsearch_by_its_client]


@pytest.fixture
def nobody() -> Iterator[int]:
    """A port of this machine at which nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        yield taken.getsockname()[1]


@pytest.mark.parametrize("ask", ASKS)
async def test_where_nobody_listens_it_is_an_outage(ask: Callable[[int], Awaitable[None]], nobody):
    with pytest.raises(Unavailable):
        await ask(nobody)


@pytest.mark.parametrize("ask", ASKS)
async def test_no_file_left_here_is_not_told_as_an_outage(ask: Callable[[int], Awaitable[None]], nobody):
    with pytest.raises((OSError, pymysql.err.OperationalError, elasticsearch.ConnectionError)), no_files_left():
        await ask(nobody)
