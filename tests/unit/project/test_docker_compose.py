"""docker-compose.yml against the truth: the same services, versions and settings as the embedded default."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
import yaml
from compose_spec import PyCompose

from chassis.addresses import DEFAULT_PORTS, STORE_PORTS, store_process
from chassis.http.serving.server import SHUTDOWN_S
from local.configuration import _program
from local.programs import PROCESSES, PROGRAMS, SERVERS

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
PROCESS_NAMES = [program.name for program in PROGRAMS if program.group == PROCESSES]
CURSOR_KEY = "OMS_CURSOR_KEY"
KEEPS_DATA = {"mysql", "kafka", "postgres", "elasticsearch"}


def pinned() -> dict[str, str]:
    """The versions that the embedded default installs."""
    properties = ElementTree.parse(ROOT / "local" / "pom.xml").find("{*}properties")
    assert properties is not None
    return {entry.tag.partition("}")[2]: entry.text or "" for entry in properties}


def test_it_is_compose_as_the_specification_has_it() -> None:
    filled_in = re.sub(r"\$\{\w+:\?[^}]*\}", "secret", re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", TEXT))

    PyCompose.from_yaml(yaml.safe_dump(yaml.safe_load(filled_in))).to_spec()


def test_the_docker_client_takes_it(tmp_path: Path) -> None:
    known = shutil.which("docker") and subprocess.run(["docker", "compose", "version"], capture_output=True).returncode
    if known != 0:
        pytest.skip("this docker client has no compose")
    variables = "".join(f"{name}=secret\n" for name in _secrets())
    (tmp_path / "env").write_text(variables)

    files = ["--env-file", str(tmp_path / "env"), "-f", str(ROOT / "docker-compose.yml")]
    checked = subprocess.run(["docker", "compose", *files, "config", "-q"], capture_output=True, text=True)

    assert checked.returncode == 0, checked.stderr


def test_the_services_are_those_of_the_embedded_default() -> None:
    assert set(SERVICES) == {program.name for program in PROGRAMS}


def test_the_versions_are_those_of_the_embedded_default() -> None:
    versions = pinned()
    dockerfile = (ROOT / "Dockerfile").read_text()

    assert SERVICES["kafka"]["image"] == f"apache/kafka:{versions['kafka.version']}"
    assert f"FROM apache/kafka:{versions['kafka.version']} AS connect" in dockerfile
    assert SERVICES["elasticsearch"]["image"] == f"elasticsearch:{versions['elasticsearch.version']}"
    assert SERVICES["postgres"]["image"] == f"postgres:{versions['postgres.version'].removesuffix('.0')}"
    assert SERVICES["mysql"]["image"] == "mysql:9.7"


@pytest.mark.parametrize("name", PROCESS_NAMES)
def test_a_process_is_our_image_with_the_command_that_the_supervisor_runs(name: str) -> None:
    [program] = [program for program in PROGRAMS if program.name == name]

    assert SERVICES[name]["image"] == "order-management"
    assert SERVICES[name]["command"] == ["python", *program.command.split()[1:]]


@pytest.mark.parametrize("name", [name for name in PROCESS_NAMES if name != "prepare"])
def test_a_process_gets_just_the_passwords_that_it_reads(name: str) -> None:
    folder = ROOT / ("stores" if name.startswith("store_") else name.removesuffix("_worker"))
    other = "api.py" if name.endswith("_worker") else "worker.py"
    text = "".join(file.read_text() for file in folder.rglob("*.py") if file.name != other)
    if "import write_service" in text:
        text += (ROOT / "chassis" / "write_service.py").read_text()
    read = set(re.findall(r"OMS_\w+_PASSWORD", text))
    if "stock_redis" in text:
        read |= {"OMS_REDIS_PASSWORD"}
    if name.startswith("store_"):
        read |= {f"OMS_{name.upper()}_DB_PASSWORD"}

    given = {variable for variable in SERVICES[name]["environment"] if variable.endswith("_PASSWORD")}
    assert given <= read
    optional = {"OMS_STOCK_REDIS_PASSWORD"}
    assert given >= read - optional


@pytest.mark.parametrize("name", PROCESS_NAMES)
def test_a_process_has_the_variables_that_the_supervisor_gives_it(name: str) -> None:
    [program] = [program for program in PROGRAMS if program.name == name]

    assert dict(program.environment).items() <= SERVICES[name]["environment"].items()


def test_a_port_is_published_on_loopback_at_its_default() -> None:
    for name, service in SERVICES.items():
        for published in service.get("ports", []):
            port = DEFAULT_PORTS[name]
            assert published == f"127.0.0.1:${{OMS_{name.upper()}_PORT:-{port}}}:{port}"


def test_whatever_stays_up_has_a_health_check_and_comes_back() -> None:
    for name in set(SERVICES) - {"prepare"}:
        assert SERVICES[name]["healthcheck"]["test"], name
        assert SERVICES[name]["restart"] == "unless-stopped", name


def test_everything_of_ours_waits_for_what_it_needs() -> None:
    conditions = {"service_healthy", "service_completed_successfully"}
    for name in PROCESS_NAMES:
        needs = SERVICES[name]["depends_on"]
        assert needs, name
        assert {need["condition"] for need in needs.values()} <= conditions
        assert set(needs) <= set(SERVICES)


def test_data_is_in_named_volumes() -> None:
    for name in KEEPS_DATA:
        assert [volume.partition(":")[0] for volume in SERVICES[name]["volumes"]] == [name]
    assert set(COMPOSE["volumes"]) == KEEPS_DATA
    assert {program.name for program in PROGRAMS if program.group == SERVERS} > KEEPS_DATA


def test_those_that_answer_lists_have_the_key_of_their_cursors() -> None:
    has_it = {name for name, service in SERVICES.items() if CURSOR_KEY in (service.get("environment") or {})}

    assert has_it == {"customers", "products", "orders", "inventory", "shipping", *map(store_process, STORE_PORTS)}


def test_no_secret_is_in_the_file() -> None:
    for service in SERVICES.values():
        for variable, value in (service.get("environment") or {}).items():
            if variable.endswith(("_PASSWORD", "_KEY")):
                assert re.fullmatch(r"\$\{OMS_\w+_(PASSWORD|KEY):\?run `make compose-env`\}", value), variable


def test_the_secrets_are_those_that_the_installer_makes(tmp_path: Path) -> None:
    for file in ("local/install", "chassis/__init__.py", "chassis/addresses.py"):
        (tmp_path / file).parent.mkdir(exist_ok=True)
        shutil.copy(ROOT / file, tmp_path / file)

    environ = {**os.environ, "PYTHON": sys.executable}
    subprocess.run([tmp_path / "local" / "install", "secrets"], check=True, env=environ)

    made = (tmp_path / ".local" / "secrets.env").read_text().splitlines()
    assert _secrets() == {line.partition("=")[0] for line in made}


@pytest.mark.parametrize("name", PROCESS_NAMES)
def test_a_process_is_given_the_time_to_end_that_the_supervisor_gives_it(name: str) -> None:
    [program] = [program for program in PROGRAMS if program.name == name]
    given_s = int(_program(program, {"OMS_PROCESS_USER": "nobody", "OMS_DATA_DIR": "/nowhere"})["stopwaitsecs"])

    assert SERVICES[name]["stop_grace_period"] == f"{given_s}s"
    assert given_s > SHUTDOWN_S


def test_the_binlog_is_as_debezium_needs_it() -> None:
    told = " ".join(SERVICES["mysql"]["command"])

    for setting in ("--binlog-format=ROW", "--binlog-row-image=FULL", "--gtid-mode=ON", "--sync-binlog=1"):
        assert setting in told


def _secrets() -> set[str]:
    return set(re.findall(r"\$\{(OMS_\w+):\?", TEXT))


def test_the_image_has_every_package() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    folders = {name.rstrip("*") for name in project["tool"]["setuptools"]["packages"]["find"]["include"]}
    copied = {line.split()[1] for line in (ROOT / "Dockerfile").read_text().splitlines() if line.startswith("COPY ")}

    assert folders <= copied
