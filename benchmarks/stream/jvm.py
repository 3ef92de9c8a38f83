"""What the peers in Java have in common: how they are built and started."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from chassis.settings import postgres
from local.accounts import CHECKOUT

URL_OPTIONS = "currentSchema=read_model&reWriteBatchedInserts=true&stringtype=unspecified"
"""Batches become multi-row statements; texts are sent untyped, so that Postgres converts them to the columns' types."""


def build(name: str) -> None:
    """Fetch the libraries of a peer and compile it into `.local`. Raises CalledProcessError."""
    command = ["mvn", "--batch-mode", "--quiet", "--no-transfer-progress", f"-Dtarget={_built(name)}", "package"]
    pom = CHECKOUT / "benchmarks" / name / "pom.xml"
    subprocess.run([*command, "--file", str(pom)], check=True)


def _built(name: str) -> Path:
    return CHECKOUT / ".local" / name.replace("_", "-")


def command(name: str, *arguments: str) -> list[str]:
    """The command of a peer: arguments for the JVM, its main class, arguments for it."""
    log = f"-Dlog4j2.configurationFile={os.environ['OMS_DATA_DIR']}/conf/log4j2.properties"
    java = f"{os.environ['JAVA_HOME']}/bin/java"
    return [java, "-XX:+ExitOnOutOfMemoryError", log, "-cp", f"{_built(name)}/application/*", *arguments]


def jdbc_url() -> str:
    """The URL of the read model, without account."""
    account = postgres("orders_stream", "OMS_ORDERS_STREAM_DB_PASSWORD")
    return f"jdbc:postgresql://{account.host}:{account.port}/{account.database}?{URL_OPTIONS}"
