"""Posts of JSON to a gateway, and what its answers mean, so that nothing is lost and nothing doubles:

* no connection, 429, 503: nothing was taken: try again
* 401, 403, 404, 413, 4xx: our configuration is wrong, not the messages: try again later, and say so on the channel page
* any other 5xx, a time-out, a broken connection, a message missing in the answer: it may have been taken: unknown
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import orjson
from django.utils.translation import gettext_noop

from lastmile.alerting.channels import signing
from lastmile.alerting.channels.contract import ACCEPTED, Health, Message, Outcome, What
from lastmile.alerting.channels.said import said
from lastmile.alerting.channels.wire import Auth, Response, dig, encoded
from lastmile.kernel import clock, outward

SOON, LATER = 5.0, 60.0  # seconds to wait after a gateway that is away, and after one that refuses us
LONGEST = 3600.0  # no gateway may put us off for longer
ANSWER_LIMIT = 20_000_000  # bytes; an answer to 500 messages is a few kB


@dataclass(frozen=True)
class Far:
    """The gateway: `who` is what reasons call it, as reasons.py knows it."""

    who: str
    secret: str
    auth: Auth
    timeout: float
    connections: int
    judged: bool = False  # somebody typed its address: it must be a public one (kernel.outward)


class Poster:
    """Connections to one gateway, opened at first use in each event loop."""

    def __init__(self, far: Far) -> None:
        self.far = far
        self._session: aiohttp.ClientSession | None = None
        self._loop: asyncio.AbstractEventLoop | None = None

    async def connected(self) -> aiohttp.ClientSession:
        """The session of the running loop; a session of another loop can't be used and is dropped."""
        if self._session is None or self._session.closed or self._loop is not asyncio.get_running_loop():
            self._loop = asyncio.get_running_loop()
            self._session = self._new()
        return self._session

    def _new(self) -> aiohttp.ClientSession:
        if self.far.judged:
            return outward.session(seconds=self.far.timeout, connections=self.far.connections)
        timeout = aiohttp.ClientTimeout(total=self.far.timeout)
        connector = aiohttp.TCPConnector(limit=self.far.connections, keepalive_timeout=30)
        return aiohttp.ClientSession(connector=connector, timeout=timeout)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
        self._session = None

    async def post(self, url: str, data: Any) -> bytes | Outcome:
        """The body of an answer 200, or what to do with everything that was posted."""
        body = encoded(data)
        session = await self.connected()
        try:
            async with session.post(url, data=body, headers=self._headers(body), allow_redirects=False) as answer:
                if answer.status == 200:
                    return await answer.content.read(ANSWER_LIMIT)
                return self._failed(answer)
        except outward.Unreachable:
            return Outcome(What.RETRY, f"the address of the {self.far.who} is not a public one", LATER)
        except aiohttp.ClientConnectorError:
            return Outcome(What.RETRY, f"no connection to the {self.far.who}", SOON)
        except TimeoutError:
            return Outcome(What.UNKNOWN, f"no answer within {self.far.timeout:g} s")
        except (aiohttp.ClientError, OSError) as error:
            return Outcome(What.UNKNOWN, f"connection broke: {type(error).__name__}")

    def _headers(self, body: bytes) -> dict[str, str]:
        auth = self.far.auth
        headers = {"Content-Type": "application/json"}
        if auth.header:
            headers[auth.header] = auth.value.replace("{secret}", self.far.secret)
        if auth.signature:
            headers |= signing.signed(self.far.secret, body, now=clock.now().timestamp())
        return headers

    def _failed(self, answer: aiohttp.ClientResponse) -> Outcome:
        says = f"the {self.far.who} answers {answer.status}"
        if answer.status in (429, 503):
            return Outcome(What.RETRY, says, seconds(answer.headers.get("Retry-After"), SOON))
        if answer.status >= 500 or answer.status < 300:
            return Outcome(What.UNKNOWN, says)
        return Outcome(What.RETRY, f"{says}: check its address, secret and vendor file", LATER)

    def outcomes(self, keys: Sequence[str], body: bytes | Outcome, names: Response) -> list[Outcome]:
        """Outcomes by key, since a gateway may answer in any order and for some messages only."""
        if isinstance(body, Outcome):
            return [body] * len(keys)
        results = items(body, names.results)
        if results is None:
            return [Outcome(What.UNKNOWN, f"the answer of the {self.far.who} can't be read")] * len(keys)
        if not names.results:  # one call in each request, and an answer without a key
            return [self._outcome(results[0] if results else None, names)] * len(keys)
        found = {str(result.get(names.key)): result for result in results}
        status, good = names.status, names.accepted
        return [
            ACCEPTED if (one := found.get(key)) and one.get(status) in good else self._outcome(one, names)
            for key in keys
        ]

    def _outcome(self, result: dict[str, Any] | None, names: Response) -> Outcome:
        who = self.far.who
        if result is None:
            return Outcome(What.UNKNOWN, f"the {who} did not answer for this message")
        status = str(result.get(names.status))
        if status in names.accepted:
            return ACCEPTED
        reason = str(result.get(names.reason) or "")[:200]
        if status in names.refused:
            return Outcome(What.REFUSED, reason or f"refused by the {who}")
        if status in names.retry:
            return Outcome(What.RETRY, reason or f"the {who} is busy", seconds(result.get(names.after), SOON))
        return Outcome(What.UNKNOWN, f"the {who} says {status[:40]}, which the vendor file does not explain")

    async def health(self, url: str) -> Health:
        """Whether the gateway answers on its address at all; nothing is sent."""
        session = await self.connected()
        try:
            async with session.get(url, timeout=aiohttp.ClientTimeout(total=3), allow_redirects=False) as answer:
                if answer.status >= 500:
                    answers = gettext_noop("The gateway answers with error %(code)d.")
                    return Health(ok=False, says=said(answers, code=answer.status))
                return Health(ok=True, says=said(gettext_noop("The gateway answers.")))
        except outward.Unreachable:
            return Health(ok=False, says=said(gettext_noop("The address of the gateway is not a public one.")))
        except (aiohttp.ClientError, TimeoutError, OSError):
            return Health(
                ok=False, says=said(gettext_noop("The gateway does not answer. Check its address and the network."))
            )


async def in_parts(
    batch: Sequence[Message], size: int, post: Callable[[Sequence[Message]], Awaitable[list[Outcome]]]
) -> list[Outcome]:
    """`post` a batch at once in several posts, if it is longer than the gateway takes; outcomes in its order."""
    done = await asyncio.gather(*(post(batch[start : start + size]) for start in range(0, len(batch), size)))
    return [outcome for outcomes in done for outcome in outcomes]


def items(body: bytes, path: str) -> list[dict[str, Any]] | None:
    """The objects of the list at a path; without a path the one that the body is. None where there is no list."""
    try:
        data = orjson.loads(body)
    except orjson.JSONDecodeError:
        return None
    found = dig(data, path) if path else [data]
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else None


def seconds(value: Any, default: float) -> float:
    try:
        return min(max(float(value), 0.0), LONGEST)
    except (TypeError, ValueError):
        return default
