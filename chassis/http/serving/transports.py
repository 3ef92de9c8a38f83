"""The output of a connection: fewer packets, and an end for clients that do not read."""

from __future__ import annotations

import asyncio
import socket
import struct
from typing import Any

FLUSH_BYTES = 65_536
"""Buffered output is sent once it reaches this size."""

CLOSE_TIMEOUT_S = 10.0
"""A closing connection is aborted when its client reads nothing for this time."""


class AbortingTransport:
    """A transport whose `close` ends in an abort if its client does not read."""

    def __init__(self, transport: asyncio.Transport) -> None:
        self.wrapped = transport
        self._loop = asyncio.get_running_loop()

    def __getattr__(self, name: str) -> Any:
        return getattr(self.wrapped, name)

    def write(self, data: bytes) -> None:
        """Send the data."""
        self.wrapped.write(data)

    def close(self) -> None:
        """Close the connection once all output is sent."""
        self.wrapped.close()
        self._check_progress()

    def abort(self) -> None:
        """Reset the connection now. The kernel discards unsent output, too."""
        if (own := self.wrapped.get_extra_info("socket")) is not None:
            own.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.wrapped.abort()

    def _check_progress(self, was_left: int | None = None) -> None:
        left = self.wrapped.get_write_buffer_size()
        if left == 0:
            return
        if was_left is not None and left >= was_left:
            self.abort()
        else:
            self._loop.call_later(CLOSE_TIMEOUT_S, self._check_progress, left)


class BufferedTransport(AbortingTransport):
    """A transport that sends together what is written in one iteration of the event loop.

    uvicorn writes the head and the body of a response separately; the additional system call costs as much as a good
    part of a small response.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__(transport)
        self._parts: list[bytes] = []
        self._bytes = 0

    def write(self, data: bytes) -> None:
        """Send the data at the end of this iteration of the loop."""
        if not self._parts:
            self._loop.call_soon(self._send)
        self._parts.append(data)
        self._bytes += len(data)
        if self._bytes >= FLUSH_BYTES:
            self._send()

    def close(self) -> None:
        """Send the buffered output and close the connection."""
        self._send()
        super().close()

    def write_at_once(self, data: bytes) -> None:
        """Send the data now, after the buffered output."""
        self._parts.append(data)
        self._send()

    def _send(self) -> None:
        if self._parts:
            data = b"".join(self._parts)
            self._parts, self._bytes = [], 0
            if not self.wrapped.is_closing():
                self.wrapped.write(data)
