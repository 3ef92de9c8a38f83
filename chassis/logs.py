"""Logs as JSON lines on standard output: time, level, event, service, and bound values (request, order, position)."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from types import TracebackType
from typing import Any

import orjson
import structlog

REPEAT_AFTER_S = 10.0

_QUIET = ("uvicorn", "httpx", "aiokafka", "mode", "faust.tables", "faust.transport.conductor")


_origin: dict[str, object] = {}
"""The service of every line, and the number of the process if the service has several."""


def _add_origin(_: Any, __: str, event: structlog.types.EventDict) -> structlog.types.EventDict:
    return {**event, **_origin}


class _NamedLogger(structlog.BytesLogger):
    """Writes lines of the module `name` to standard output."""

    def __init__(self, name: str) -> None:
        super().__init__(sys.stdout.buffer)
        self.name = name


_PROCESSORS: list[structlog.types.Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
    structlog.processors.format_exc_info,
]


def _as_json(event: structlog.types.EventDict, default: Callable[[Any], Any]) -> bytes:
    return orjson.dumps(event, default=default, option=orjson.OPT_NON_STR_KEYS)


def _as_text(event: structlog.types.EventDict, default: Callable[[Any], Any]) -> str:
    return _as_json(event, default).decode()


def _formatter_of_libraries() -> structlog.stdlib.ProcessorFormatter:
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_PROCESSORS,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            _add_origin,
            structlog.processors.JSONRenderer(serializer=_as_text),
        ],
    )


def configure(service: str, level: int = logging.INFO, *, process: int | None = None) -> None:
    """Send every log of this process, libraries included, to standard output as one JSON object a line.

    `process` is the number of this process, if the service has several.
    """
    _origin.clear()
    _origin.update({"service": service} if process is None else {"service": service, "process": process})
    structlog.configure(  # without `logging`, which would take longer than all of this
        processors=[*_PROCESSORS, _add_origin, structlog.processors.JSONRenderer(serializer=_as_json)],
        logger_factory=_NamedLogger,
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_formatter_of_libraries())
    handler.addFilter(_RepeatFilter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    logging.captureWarnings(True)
    sys.excepthook = _log_uncaught
    sys.unraisablehook = _log_unraisable
    for name in _QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns with a traceback at each attempt; its callers log the failure.
    logging.getLogger("elastic_transport").setLevel(logging.ERROR)


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """The logger of one module."""
    bound: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return bound


class _RepeatFilter(logging.Filter):
    """Passes the same message of a Kafka client every ten seconds: in an outage it logs fifty per second."""

    def __init__(self) -> None:
        super().__init__()
        self._logged_at: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is to be written."""
        if not record.name.startswith("aiokafka"):
            return True
        template = str(record.msg)
        is_due = record.created - self._logged_at.get(template, 0.0) >= REPEAT_AFTER_S
        if is_due:
            self._logged_at[template] = record.created
        return is_due


def _log_uncaught(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("python").critical("uncaught exception", exc_info=(kind, error, trace))


def _log_unraisable(unraisable: sys.UnraisableHookArgs) -> None:
    error = unraisable.exc_value
    logging.getLogger("python").warning("%s: %r", unraisable.err_msg or "could not be raised", error)
