"""Settings that processes share: addresses and accounts of databases.

Each process reads only what it needs from `OMS_*` variables; a missing password is an error at start-up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import inf
from os import environ

from chassis import addresses


class SettingMissing(Exception):
    """A required variable is not set."""


def required(variable: str) -> str:
    """The value of an environment variable. Raises SettingMissing with its name."""
    value = environ.get(variable)
    if not value:
        raise SettingMissing(f"{variable} is not set")
    return value


def seconds(variable: str, default: float) -> float:
    """A duration in seconds from an environment variable. Raises ValueError."""
    text = environ.get(variable, str(default))
    try:
        spent = float(text)
    except ValueError:
        spent = 0.0
    if not 0 < spent < inf:
        raise ValueError(f"{variable} is {text!r}: expected a number of seconds")
    return spent


def count(variable: str, default: int, least: int = 1) -> int:
    """A whole number of at least `least` from an environment variable. Raises ValueError."""
    text = environ.get(variable, str(default))
    if not (text.isascii() and text.isdigit() and int(text) >= least):
        raise ValueError(f"{variable} is {text!r}: expected a whole number from {least}")
    return int(text)


def switch(variable: str, default: bool) -> bool:
    """Whether an environment variable is `on` or `off`. Raises ValueError for another text."""
    return choice(variable, *(("on", "off") if default else ("off", "on"))) == "on"


def choice(variable: str, default: str, *others: str) -> str:
    """One of these texts, from an environment variable. Raises ValueError for another one."""
    text = environ.get(variable, default).strip().lower()
    if text not in (default, *others):
        raise ValueError(f"{variable} is {text!r}: expected {' or '.join((default, *others))}")
    return text


@dataclass(frozen=True)
class MySQLSettings:
    """One account on the MySQL server. Times are seconds.

    At most `max_waiting` callers wait for a connection of the pool, each for at most `wait_s`. A transaction may take
    `timeout_s` until COMMIT is sent, and the answer of COMMIT `commit_timeout_s` more.
    """

    user: str
    password: str
    database: str | None
    host: str
    port: int
    pool_size: int
    timeout_s: float
    wait_s: float = 2.0
    max_waiting: int = 500
    commit_timeout_s: float = 10.0


def mysql(user: str, password_variable: str, database: str | None) -> MySQLSettings:
    """The account `user` of `database`: `OMS_MYSQL_HOST`, `_PORT`, `_POOL_SIZE`, `_TIMEOUT_S`, the password variable;
    `OMS_MYSQL_WAIT_TIMEOUT_S` and `OMS_MYSQL_MAX_WAITING` limit the wait for a connection,
    `OMS_MYSQL_COMMIT_TIMEOUT_S` that for the answer of COMMIT.
    """
    return MySQLSettings(
        user=user,
        password=required(password_variable),
        database=database,
        host=addresses.host("mysql"),
        port=addresses.port("mysql"),
        pool_size=int(environ.get("OMS_MYSQL_POOL_SIZE", "10")),
        timeout_s=seconds("OMS_MYSQL_TIMEOUT_S", 5),
        wait_s=seconds("OMS_MYSQL_WAIT_TIMEOUT_S", 2),
        max_waiting=count("OMS_MYSQL_MAX_WAITING", 500),
        commit_timeout_s=seconds("OMS_MYSQL_COMMIT_TIMEOUT_S", 10),
    )


READ_MODEL = "read_model"
"""The schema that readers read."""


@dataclass(frozen=True)
class PostgresSettings:
    """One account on the Postgres server. Times are seconds.

    At most `max_waiting` callers wait for a connection of the pool, each for at most `wait_s`.
    """

    user: str
    password: str
    database: str
    schema: str
    host: str
    port: int
    pool_size: int
    timeout_s: float
    wait_s: float = 1.0
    max_waiting: int = 500


def postgres(user: str, password_variable: str, database: str = "oms", schema: str = READ_MODEL) -> PostgresSettings:
    """The account `user` of a schema: `OMS_POSTGRES_HOST`, `_PORT`, `_POOL_SIZE`, `_TIMEOUT_S`, the password variable;
    `OMS_POSTGRES_WAIT_TIMEOUT_S` and `OMS_POSTGRES_MAX_WAITING` limit the wait for a connection.
    """
    return PostgresSettings(
        user=user,
        password=required(password_variable),
        database=database,
        schema=schema,
        host=addresses.host("postgres"),
        port=addresses.port("postgres"),
        pool_size=int(environ.get("OMS_POSTGRES_POOL_SIZE", "10")),
        timeout_s=seconds("OMS_POSTGRES_TIMEOUT_S", 5),
        wait_s=seconds("OMS_POSTGRES_WAIT_TIMEOUT_S", 1),
        max_waiting=count("OMS_POSTGRES_MAX_WAITING", 500),
    )


@dataclass(frozen=True)
class RedisSettings:
    """The Redis server. Times are seconds."""

    password: str
    host: str
    port: int
    timeout_s: float


def redis(password_variable: str) -> RedisSettings:
    """The Redis server: `OMS_REDIS_HOST`, `_PORT`, `_TIMEOUT_S`, the password variable."""
    return RedisSettings(
        password=required(password_variable),
        host=addresses.host("redis"),
        port=addresses.port("redis"),
        timeout_s=seconds("OMS_REDIS_TIMEOUT_S", 0.1),
    )


def stock_redis() -> RedisSettings:
    """The Redis with the stock: that of the rate limits, unless `OMS_STOCK_REDIS_HOST`, `_PORT` or `_PASSWORD` name
    another one."""
    usual = redis("OMS_REDIS_PASSWORD")
    return replace(
        usual,
        host=environ.get("OMS_STOCK_REDIS_HOST", usual.host),
        port=int(environ.get("OMS_STOCK_REDIS_PORT", usual.port)),
        password=environ.get("OMS_STOCK_REDIS_PASSWORD", usual.password),
    )


def rate_limit() -> str:
    """The rate limit of each caller, such as `60000/minute`, or `off`: `OMS_RATE_LIMIT`."""
    return environ.get("OMS_RATE_LIMIT", "60000/minute")
