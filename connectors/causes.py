"""The root cause of a connector's failure in one line, with its remedy. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

_CAUSED_BY = "Caused by: "


@dataclass(frozen=True)
class Cause:
    """The root cause of a failure. `remedy` is empty if none is known.

    `is_curable` is false if a restart cannot help, so that restarts are rare.
    """

    text: str
    remedy: str = ""
    is_curable: bool = True

    def __str__(self) -> str:
        return f"{self.text}; {self.remedy}" if self.remedy else self.text


RESNAPSHOT = "rows are missing downstream: run `oms connectors resnapshot {name}`"
"""The remedy of every gap: rows missing in the binlog are read from the tables."""

_KNOWN: tuple[tuple[str, str, bool], ...] = (
    (
        # MySQL and MariaDB have several messages for this; Debezium has its own for a file without GTIDs.
        r"purged|could not find (GTID state|first log file|next log)|not in the master's binlog|impossible position"
        r"|no longer available on the server|source has.* GTIDs? .*not|slave has more GTIDs|replica has more GTIDs",
        RESNAPSHOT,
        False,
    ),
    (
        r"max_allowed_packet",
        "raise max_allowed_packet of MySQL above its largest row",
        True,
    ),
    (r"\b1236\b", RESNAPSHOT, False),
    (
        r"Access denied|\b1045\b|\b1227\b|\b1142\b",
        "check OMS_CDC_PASSWORD and the grants of oms_cdc: `oms prepare` sets both",
        True,
    ),
    (
        r"RecordTooLarge|larger than the maximum request size|max\.request\.size|MESSAGE_TOO_LARGE",
        "a row is larger than Kafka accepts: raise max.request.size of {name} and max.message.bytes of its topics",
        False,
    ),
    (
        r"schema history|db history|isn't known to this connector|schema isn't known",
        "its schema history is lost: run `oms connectors resnapshot {name}`",
        False,
    ),
    (
        r"Communications link failure|Connection refused|UnknownHost|Connection reset|Failed to connect|EOFException",
        "MySQL does not answer; the connector is restarted until it does",
        True,
    ),
    (
        r"TimeoutException|NotEnoughReplicas|Topic .* not present in metadata",
        "Kafka does not answer; the connector is restarted until it does",
        True,
    ),
)
"""Pattern of a cause, its remedy, and whether a restart may help. The first match counts."""


def cause(name: str, trace: str) -> Cause:
    """The cause in a stack trace of Connect: the last "Caused by", or the first line if there is none."""
    lines = [line.strip() for line in trace.splitlines() if line.strip()]
    causes = [line.removeprefix(_CAUSED_BY) for line in lines if line.startswith(_CAUSED_BY)]
    text = (causes or lines or ["no reason was given"])[-1 if causes else 0]
    for pattern, remedy, is_curable in _KNOWN:
        if any(re.search(pattern, line, re.IGNORECASE) for line in [text, *causes]):
            return Cause(_short(text), remedy.format(name=name), is_curable)
    return Cause(_short(text))


def _short(text: str) -> str:
    """The text without the package of the exception's class."""
    return re.sub(r"^(?:[a-z_][\w$]*\.)+(?=[A-Z])", "", text)


def failures(name: str, status: dict[str, Any]) -> list[Cause]:
    """The cause of each failed part of a connector."""
    parts = [status["connector"], *status["tasks"]]
    return [cause(name, str(part.get("trace", ""))) for part in parts if part["state"] == "FAILED"]


def is_running(status: dict[str, Any]) -> bool:
    """Whether the connector and all its tasks, at least one, are running."""
    parts = [status["connector"], *status["tasks"]]
    return len(parts) > 1 and all(part["state"] == "RUNNING" for part in parts)
