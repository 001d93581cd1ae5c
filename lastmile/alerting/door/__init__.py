"""The receipt door: an ASGI app beside Django for what comes in storms.

/r/<token>              a resident's page (GET) and their answer (POST)
/gateway/sms/reports    delivery reports, signed (POST)
/gateway/sms/replies    people's answers by SMS, signed (POST)
/gateway/voice/reports  what came of telephone calls, signed (POST)
/gateway/voice/audio/…  what a call plays (GET); the address is sealed and expires
/gateway/sms/12/…       the same of the gateway of a place's account
/gateway/terminal/audio/…  what a loudspeaker plays (GET); the address is signed and expires

An answer is sent only after its receipt is committed. Whatever waits while one batch commits is the next batch; when
too much waits, the door says 503 with Retry-After instead of growing. No cookies, no sessions, no Django middleware.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Mapping
from typing import NamedTuple
from urllib.parse import parse_qs

import orjson

from lastmile.alerting import heard, links, returns
from lastmile.alerting.door import page, sound
from lastmile.alerting.door.batch import Batcher, Full
from lastmile.alerting.door.http import HTML, JSON, PROBLEM, Pace, Receive, Scope, Send, TooLarge, answer, body_of
from lastmile.alerting.door.visits import Visit, facts, serve
from lastmile.kernel.errors import Refusal

log = logging.getLogger("lastmile.door")

FORM_LIMIT = 4_000  # bytes of a resident's answer
CALL_LIMIT = 5_000_001  # bytes of a gateway's call; one more than inbound.LIMIT, which says it in words
RETRY = (b"retry-after", b"3")
CSP = (b"content-security-policy", page.CSP.encode())
ALLOW_PAGE, ALLOW_CALL = (b"allow", b"GET, HEAD, POST"), (b"allow", b"POST")

visits = Batcher(serve)
paces = Pace(60, 60.0)  # requests with one token in a minute


class Call(NamedTuple):
    take: Callable[[bytes, Mapping[str, str], int], int]
    body: bytes
    headers: dict[str, str]
    account: int = 0  # of a place; 0: the installation's own gateway


def _take(calls: list[Call]) -> list[int | Refusal | Exception]:
    """Each call by itself, so that one that can't be read doesn't stop the others."""
    return [_one(call) for call in calls]


def _one(call: Call) -> int | Refusal | Exception:
    try:
        return call.take(call.body, call.headers, call.account)
    except Refusal as refusal:
        return refusal


gateway = Batcher(_take, most=20, waiting=200)

OF_ACCOUNT = re.compile(r"(/gateway/(?:sms|voice))/([0-9]{1,9})(/(?:reports|replies))")
CALLS = {
    "/gateway/sms/reports": returns.take_reports,
    "/gateway/sms/replies": returns.take_replies,
    "/gateway/voice/reports": heard.take_reports,
}


async def application(scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] != "http":
        return
    path = scope["path"]
    try:
        if path.startswith(sound.PATHS):
            await sound.serve(path, scope, send)
        elif path.startswith(links.PATH):
            await _page(path.removeprefix(links.PATH).rstrip("/"), scope, receive, send)
        else:
            await _call(path.rstrip("/"), scope, receive, send)
    except ConnectionResetError:
        return
    except Full:
        await answer(send, 503, page.busy(), HTML, RETRY, CSP)
    except Exception:
        log.exception("the receipt door could not answer %s", scope["method"])  # never the path: it holds a token
        await answer(send, 503, page.busy(), HTML, RETRY, CSP)


async def _page(token: str, scope: Scope, receive: Receive, send: Send) -> None:
    method = scope["method"]
    head = method == "HEAD"
    if method not in ("GET", "HEAD", "POST"):
        await answer(send, 405, page.unknown(), HTML, CSP, ALLOW_PAGE)
        return
    try:
        event, person = links.read(token)
    except links.BadToken:
        await answer(send, 404, page.unknown(), HTML, CSP, head=head)
        return
    if not paces.allows(token):
        await answer(send, 429, page.too_often(), HTML, CSP, (b"retry-after", b"60"))
        return
    try:
        form = _form(await body_of(receive, FORM_LIMIT)) if method == "POST" else {}
    except TooLarge:
        await answer(send, 413, page.too_large(), HTML, CSP)
        return
    act, _mark, about = form.get("a", "").partition("-")  # about which post, where it is another's
    nonce, call = form.get("n", ""), int(about) if about.isascii() and about.isdecimal() and len(about) < 19 else 0
    if method == "POST" and (act not in facts() or not 1 <= len(nonce) <= 16 or not nonce.isascii()):
        await answer(send, 400, page.refused(), HTML, CSP)
        return
    language = _query(scope).get("lang", "")
    visit = Visit(
        token, event, person, language if language in page.LANGUAGES else "", act, nonce, form.get("t", ""), call
    )
    made = await visits(visit)
    await answer(send, made.status, made.body, HTML, CSP, head=head)


def _form(body: bytes) -> dict[str, str]:
    """The first value of each field; what is not text is left out."""
    fields = parse_qs(body.decode("utf-8", "replace"), max_num_fields=20)
    return {name: values[0].replace("\0", "").strip() for name, values in fields.items()}


def _query(scope: Scope) -> dict[str, str]:
    found = parse_qs(scope.get("query_string", b"").decode("ascii", "replace")[:200])
    return {name: values[0] for name, values in found.items()}


async def _call(path: str, scope: Scope, receive: Receive, send: Send) -> None:
    path, account = _account(path)
    take = CALLS.get(path)
    if take is None or scope["method"] != "POST":
        status, more = (404, ()) if take is None else (405, (ALLOW_CALL,))
        await answer(send, status, _problem(status, "", ""), PROBLEM, *more)
        return
    try:
        body = await body_of(receive, CALL_LIMIT)
    except TooLarge:
        await answer(send, 413, _problem(413, "The call is too large.", "Send fewer entries in one call."), PROBLEM)
        return
    headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
    result = await gateway(Call(take, body, headers, account))
    if isinstance(result, Refusal):
        await answer(send, result.status, _problem(result.status, str(result.says), str(result.mend)), PROBLEM)
    else:
        await answer(send, 200, orjson.dumps({"new": result}), JSON)


def _account(path: str) -> tuple[str, int]:
    """/gateway/sms/12/reports is /gateway/sms/reports of the account 12."""
    found = OF_ACCOUNT.fullmatch(path)
    return (f"{found[1]}{found[3]}", int(found[2])) if found else (path, 0)


def _problem(status: int, title: str, detail: str) -> bytes:
    return orjson.dumps({"title": title, "detail": detail, "status": status})
