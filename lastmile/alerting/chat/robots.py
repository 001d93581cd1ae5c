"""How the robot of a group is spoken to: three posts of JSON, two ways of signing, three ways of saying no.

Formats: 企业微信 developer.work.weixin.qq.com/document/path/91770, 钉钉 open.dingtalk.com “自定义机器人”,
飞书 open.feishu.cn/document/client-docs/bot-v3/add-custom-bot. All three answer HTTP 200 to most of what they refuse.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

import aiohttp
import orjson
from django.conf import settings
from django.utils.translation import gettext as _
from yarl import URL

from lastmile.alerting.channels.contract import ACCEPTED, Outcome, What
from lastmile.alerting.chat.cards import Card
from lastmile.alerting.models import ChatGroup
from lastmile.kernel import outward
from lastmile.kernel.errors import Refusal

Kind = ChatGroup.Kind
PATHS: Final = {
    "/cgi-bin/webhook/send": Kind.WECOM,
    "/robot/send": Kind.DINGTALK,
    "/open-apis/bot/v2/hook/": Kind.FEISHU,
}
KEYS: Final = {Kind.WECOM: "key", Kind.DINGTALK: "access_token"}  # 飞书 has it as the end of the path
KEY: Final = re.compile(r"[A-Za-z0-9_-]{8,200}")
PACE: Final = {Kind.WECOM: 3.2, Kind.DINGTALK: 3.2, Kind.FEISHU: 0.7}  # seconds: 20, 20 and 100 posts a minute
REST: Final = {
    Kind.WECOM: 60.0,
    Kind.DINGTALK: 600.0,
    Kind.FEISHU: 60.0,
}  # after too many: 钉钉 is deaf for ten minutes
TOO_FAST: Final = {Kind.WECOM: {45009}, Kind.DINGTALK: {130101, 410100, 90030}, Kind.FEISHU: {11232}}
LOST: Final = {  # the key is unknown, the robot stopped or gone, the signature or our address refused
    Kind.WECOM: {93000},
    Kind.DINGTALK: {300001, 300005, 310000, 400013, 400101, 400102, 400106},
    Kind.FEISHU: {19001, 19021, 19022},
}
BUSY: Final = -1  # of 企业微信 and 钉钉
SECONDS: Final = 10
MOST_ANSWER: Final = 20_000  # bytes
Judge = Callable[[str, int, bytes], Outcome]
JSON: Final = {"Content-Type": "application/json; charset=utf-8"}


@dataclass(frozen=True)
class Robot:
    kind: str
    url: str
    secret: str = ""


def read(text: str) -> tuple[str, str, str]:
    """(kind, address, key) of an address as the app gives it, without what it does not need. Raises Refusal."""
    url = outward.check(text[:500])
    kind = next((kind for path, kind in PATHS.items() if url.path == path or _under(url.path, path)), None)
    known = (url.host or "").lower() in {name.strip().lower() for name in settings.CHAT_HOSTS}
    if kind is None or not known or not (url.scheme == "https" or url.host == "127.0.0.1"):
        raise _unknown()
    name = KEYS.get(kind, "")
    key = url.query.get(name, "") if name else url.name
    if not KEY.fullmatch(key):
        raise _unknown()
    bare = URL.build(scheme=url.scheme, host=url.host or "", port=url.explicit_port, path=url.path)
    return kind, str(bare.with_query({name: key}) if name else bare), key


def _under(path: str, known: str) -> bool:
    return known.endswith("/") and path.startswith(known) and "/" not in path.removeprefix(known)


def _unknown() -> Refusal:
    return Refusal(
        _("This is not the address of a group's robot."),
        _("Copy the webhook address from the group's settings in WeCom, DingTalk or Feishu; it begins with https://."),
        fields={"address": _("not the address of a robot")},
        status=422,
    )


async def post(session: aiohttp.ClientSession, robot: Robot, card: Card, now: float) -> Outcome:
    """Hand a card over. Never raises for what the far side does, and never names its address, which holds the key."""
    return await _answered(session, robot, request(robot, card, now), outcome)


async def ask(session: aiohttp.ClientSession, robot: Robot, now: float) -> Outcome:
    """Whether the app knows the robot, by a post without a message, which reaches nobody. Raises as little."""
    return await _answered(session, robot, _signed(robot, {}, now), known)


async def _answered(
    session: aiohttp.ClientSession, robot: Robot, wish: tuple[str, dict[str, Any]], judge: Judge
) -> Outcome:
    url, body = wish
    try:
        async with session.post(
            URL(url, encoded=True), data=orjson.dumps(body), headers=JSON, allow_redirects=False
        ) as got:
            return judge(robot.kind, got.status, await _beginning(got))
    except outward.Unreachable:
        return Outcome(What.REFUSED, "the address of the group's robot is not a public one")
    except aiohttp.ClientConnectorError:
        return Outcome(What.RETRY, "no connection to the group's robot")
    except (TimeoutError, aiohttp.ClientError, OSError) as error:
        return Outcome(What.UNKNOWN, f"connection broke: {type(error).__name__}")


async def _beginning(got: aiohttp.ClientResponse) -> bytes:
    found = b""
    async for part in got.content.iter_chunked(MOST_ANSWER):
        found += part
        if len(found) > MOST_ANSWER:
            break
    return found


def request(robot: Robot, card: Card, now: float) -> tuple[str, dict[str, Any]]:
    """Where to post what."""
    if robot.kind == Kind.WECOM:
        return _signed(robot, {"msgtype": "markdown", "markdown": {"content": card.wecom()}}, now)
    if robot.kind == Kind.DINGTALK:
        shown = {"title": card.title, "text": card.dingtalk(), "singleTitle": card.button, "singleURL": card.link}
        return _signed(robot, {"msgtype": "actionCard", "actionCard": shown}, now)
    return _signed(robot, {"msg_type": "interactive", "card": card.feishu()}, now)


def _signed(robot: Robot, body: dict[str, Any], now: float) -> tuple[str, dict[str, Any]]:
    """With a secret 钉钉 is signed in the address, 飞书 in the body, each in a way of its own."""
    if robot.secret and robot.kind == Kind.DINGTALK:
        return f"{robot.url}&{urlencode(sign_dingtalk(robot.secret, now))}", body
    if robot.secret and robot.kind == Kind.FEISHU:
        return robot.url, body | sign_feishu(robot.secret, now)
    return robot.url, body


def sign_dingtalk(secret: str, now: float) -> dict[str, str]:
    """Milliseconds; the secret is the key and stands in the text."""
    stamp = str(int(now * 1000))
    digest = hmac.new(secret.encode(), f"{stamp}\n{secret}".encode(), hashlib.sha256).digest()
    return {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}


def sign_feishu(secret: str, now: float) -> dict[str, str]:
    """Seconds; time and secret are the key, and the text is empty."""
    stamp = str(int(now))
    digest = hmac.new(f"{stamp}\n{secret}".encode(), b"", hashlib.sha256).digest()
    return {"timestamp": stamp, "sign": base64.b64encode(digest).decode()}


def outcome(kind: str, status: int, body: bytes) -> Outcome:
    """0 is taken; too fast is left alone for a while; what else it says is for whoever entered the robot to mend."""
    kind = Kind(kind)
    if status == 429:
        return Outcome(What.RETRY, "the group's robot has had too many", REST[kind])
    if status >= 500:
        return Outcome(What.UNKNOWN, f"the group's robot answers {status}")
    code, text = _said(body)
    if code == 0:
        return ACCEPTED
    if code is None:
        return Outcome(What.REFUSED, f"the group's robot answers {status}")
    if code in TOO_FAST[kind] or "frequency" in text.lower():
        return Outcome(What.RETRY, "the group's robot has had too many", REST[kind])
    if code == BUSY:
        return Outcome(What.UNKNOWN, "the group's robot is busy")
    return Outcome(What.REFUSED, f"the group's robot says {code}: {_short(text)}")


def known(kind: str, status: int, body: bytes) -> Outcome:
    """The answer to a post without a message: refused where key, signature or our address are, taken where the message
    is. Whoever does not speak as the app does is not the app."""
    code, text = _said(body)
    found = outcome(kind, status, body)
    if found.what is not What.REFUSED:
        return found
    if code is None:
        return Outcome(What.UNKNOWN, found.reason)
    return found if code in LOST[Kind(kind)] and "keyword" not in text.lower() else ACCEPTED


def _said(body: bytes) -> tuple[int | None, str]:
    """(code, words) of an app; None for the answer of something else."""
    said = _read(body)
    code = next((said[name] for name in ("errcode", "code", "StatusCode") if name in said), None)
    text = str(said.get("errmsg") or said.get("msg") or said.get("StatusMessage") or "")
    return (code if isinstance(code, int) else None), text


def _read(body: bytes) -> Mapping[str, Any]:
    try:
        said = orjson.loads(body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def _short(text: str) -> str:
    """Without what 企业微信 adds for its own support."""
    return " ".join(text.split(", hint:")[0].split())[:160]
