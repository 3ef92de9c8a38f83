"""The part of the settings that processes share: where stores are and with which account they are opened.

Each process reads only what it needs, from `OMS_*` variables; a missing password is an error at the start.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf
from os import environ

from chassis import addresses


class SettingMissing(Exception):
    """A variable that this process cannot do without is not set."""


def required(variable: str) -> str:
    """The value of an environment variable. Raises SettingMissing with its name."""
    value = environ.get(variable)
    if not value:
        raise SettingMissing(f"{variable} is not set")
    return value


def seconds(variable: str, default: float) -> float:
    """How long something may take, from an environment variable. Raises ValueError for what is no time."""
    text = environ.get(variable, str(default))
    try:
        spent = float(text)
    except ValueError:
        spent = 0.0
    if not 0 < spent < inf:
        raise ValueError(f"{variable} is {text!r}: it is a number of seconds")
    return spent


def count(variable: str, default: int) -> int:
    """How many of something there may be, from an environment variable. Raises ValueError for no number."""
    text = environ.get(variable, str(default))
    if not (text.isascii() and text.isdigit() and int(text) > 0):
        raise ValueError(f"{variable} is {text!r}: it is a whole number from 1")
    return int(text)


def switch(variable: str, default: bool) -> bool:
    """Whether something is on, from an environment variable that is `on` or `off`. Raises ValueError for another."""
    text = environ.get(variable, "on" if default else "off").strip().lower()
    if text not in ("on", "off"):
        raise ValueError(f"{variable} is {text!r}: it is on or off")
    return text == "on"


@dataclass(frozen=True)
class MySQLSettings:
    """One account on the MySQL server. Times are seconds.

    For a connection of the pool at most `most_waiting` wait, each for at most `wait_s`.
    """

    user: str
    password: str
    database: str | None
    host: str
    port: int
    pool_size: int
    timeout_s: float
    wait_s: float = 2.0
    most_waiting: int = 500


def mysql(user: str, password_variable: str, database: str | None) -> MySQLSettings:
    """How `user` reaches `database`: `OMS_MYSQL_HOST`, `_PORT`, `_POOL_SIZE`, `_TIMEOUT_S`, the password variable;
    `OMS_MYSQL_WAIT_TIMEOUT_S` and `OMS_MYSQL_MAX_WAITING` for who waits for a connection.
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
        most_waiting=count("OMS_MYSQL_MAX_WAITING", 500),
    )


READ_MODEL = "read_model"
"""The schema that readers read."""


@dataclass(frozen=True)
class PostgresSettings:
    """One account on the Postgres server. Times are seconds.

    For a connection of the pool at most `most_waiting` wait, each for at most `wait_s`.
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
    most_waiting: int = 500


def postgres(user: str, password_variable: str, database: str = "oms", schema: str = READ_MODEL) -> PostgresSettings:
    """How `user` reaches a schema: `OMS_POSTGRES_HOST`, `_PORT`, `_POOL_SIZE`, `_TIMEOUT_S`, the password variable;
    `OMS_POSTGRES_WAIT_TIMEOUT_S` and `OMS_POSTGRES_MAX_WAITING` for who waits for a connection.
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
        most_waiting=count("OMS_POSTGRES_MAX_WAITING", 500),
    )


@dataclass(frozen=True)
class RedisSettings:
    """The Redis server. Times are seconds."""

    password: str
    host: str
    port: int
    timeout_s: float


def redis(password_variable: str) -> RedisSettings:
    """How Redis is reached: `OMS_REDIS_HOST`, `_PORT`, `_TIMEOUT_S`, the password variable."""
    return RedisSettings(
        password=required(password_variable),
        host=addresses.host("redis"),
        port=addresses.port("redis"),
        timeout_s=seconds("OMS_REDIS_TIMEOUT_S", 0.1),
    )


def rate_limit() -> str:
    """How many requests a caller has, such as `60000/minute`, or `off`: `OMS_RATE_LIMIT`."""
    return environ.get("OMS_RATE_LIMIT", "60000/minute")
