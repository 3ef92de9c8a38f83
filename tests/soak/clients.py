"""The clients of the soak: HTTP clients that count what they are answered, and what was wrong with it."""

from __future__ import annotations

from collections import Counter, defaultdict

import httpx

from chassis import addresses

MOST_PROBLEMS = 100


class Clients:
    """Makes clients. `answers` counts statuses, errors of GraphQL and failed connections, by service.

    `problems` are answers that must not occur, whatever is killed.
    """

    def __init__(self) -> None:
        self.answers: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.problems: list[str] = []

    def __call__(self, service: str) -> httpx.AsyncClient:
        """A client of a service."""
        transport = _Counting(self.answers[service])
        return httpx.AsyncClient(base_url=addresses.url(service), timeout=60, transport=transport)

    def problem(self, what: str) -> None:
        """Note what a client saw and must not see."""
        if len(self.problems) < MOST_PROBLEMS:
            self.problems.append(what)

    def lines(self) -> list[str]:
        """The counts of each service, in one line each."""
        return [
            f"  {service}: " + ", ".join(f"{answer} x {count}" for answer, count in sorted(counts.items()))
            for service, counts in sorted(self.answers.items())
        ]


class _Counting(httpx.AsyncBaseTransport):
    def __init__(self, answers: Counter[str]) -> None:
        self._answers = answers
        self._inner = httpx.AsyncHTTPTransport(verify=False)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        try:
            answer = await self._inner.handle_async_request(request)
        except httpx.TransportError as error:
            self._answers[type(error).__name__] += 1
            raise
        self._answers[str(answer.status_code)] += 1
        return answer

    async def aclose(self) -> None:
        await self._inner.aclose()
