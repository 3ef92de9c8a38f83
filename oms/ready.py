"""The health check of a container: `python -m oms.ready NAME` exits with 0 when that process is ready."""

from __future__ import annotations

import sys
from urllib.request import urlopen

from chassis import addresses


def is_ready(name: str) -> bool:
    """Whether the process on this machine answers that it is ready."""
    try:
        with urlopen(f"http://127.0.0.1:{addresses.port(name)}/health/ready", timeout=4) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(0 if is_ready(sys.argv[1]) else 1)
