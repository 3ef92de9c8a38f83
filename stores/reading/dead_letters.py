"""The dead letters of a store, whose process is none of Faust's."""

from __future__ import annotations

from typing import Any

from chassis.chunks import dead_letters
from chassis.kafka.client import writer
from chassis.logs import logger
from chassis.retrying import attempts
from contracts.dead_letters import DeadLetter
from contracts.topics import Topic

log = logger(__name__)

CONSUMER = "stores"


class DeadLetters(dead_letters.DeadLetters):
    """Writes a letter with a producer of its own, since letters are rare."""

    def __init__(self) -> None:
        self._consumer = CONSUMER

    async def _send(self, topic: Topic[Any], letter: DeadLetter, value: bytes | None) -> None:
        headers = letter.headers() if value is not None else []
        async for attempt in attempts(most_s=10):
            try:
                async with writer() as producer:
                    await producer.send_and_wait(
                        topic.dead_letters, value, key=letter.identity.encode(), headers=headers
                    )
            except Exception as error:
                log.warning("dead letter not sent", identity=letter.identity, attempt=attempt, reason=repr(error))
            else:
                return
