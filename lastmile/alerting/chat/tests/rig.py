"""The servers of the three apps on one port: they check key, signature, time, keyword, body and pace as the apps do.

What they answer is what the apps document, and what their users report where the documents are silent.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any
from urllib.parse import parse_qs, urlsplit

from lastmile.kernel import clock
from tests.serving import serving

HOUR = 3600
WECOM, DINGTALK, FEISHU = "wecom", "dingtalk", "feishu"
LIMIT = {WECOM: 20, DINGTALK: 20, FEISHU: 100}
Answer = tuple[int, dict[str, Any]]


@dataclass
class Bot:
    kind: str
    key: str
    secret: str = ""
    keyword: str = ""
    got: list[dict[str, Any]] = field(default_factory=list)  # cards that were taken
    asked: int = 0
    at: list[float] = field(default_factory=list)
    deaf_until: float = 0.0
    stopped: bool = False
    status: int = 0  # answered to everything, without words
    hangs: bool = False  # takes the card and hangs up without an answer

    def too_fast(self) -> bool:
        now = clock.now().timestamp()
        self.at = [one for one in self.at if one > now - 60]
        if now < self.deaf_until:
            return True
        if len(self.at) >= LIMIT[self.kind]:
            self.deaf_until = now + (600 if self.kind == DINGTALK else 0)
            return True
        self.at.append(now)
        return False


@dataclass
class Apps:
    port: int = 0
    bots: dict[str, Bot] = field(default_factory=dict)

    def bot(self, kind: str, key: str = "", **more: Any) -> Bot:
        found = Bot(kind, key or f"{kind}-key-{len(self.bots)}-abcdef", **more)
        self.bots[found.key] = found
        return found

    def address(self, bot: Bot) -> str:
        path = {
            WECOM: f"/cgi-bin/webhook/send?key={bot.key}",
            DINGTALK: f"/robot/send?access_token={bot.key}",
            FEISHU: f"/open-apis/bot/v2/hook/{bot.key}",
        }[bot.kind]
        return f"http://127.0.0.1:{self.port}{path}"

    def wecom(self, query: dict[str, str], body: dict[str, Any]) -> Answer:
        bot = self.bots.get(query.get("key", ""))
        if bot is None or bot.kind != WECOM:
            hint = "hint: [1755605200056773468916791], from ip: 127.0.0.1, more info at https://open.work.weixin.qq.com"
            return 200, {"errcode": 93000, "errmsg": f"invalid webhook url, {hint}"}
        if set(body) != {"msgtype", "markdown"} or body["msgtype"] != "markdown":
            return 200, {"errcode": 40008, "errmsg": "invalid message type"}
        if len(body["markdown"]["content"].encode()) > 4096:
            return 200, {
                "errcode": 40058,
                "errmsg": "markdown.content exceed max length 4096. invalid Request Parameter",
            }
        if bot.too_fast():
            return 200, {"errcode": 45009, "errmsg": "api freq out of limit"}
        bot.got.append(body["markdown"])
        return 200, {"errcode": 0, "errmsg": "ok"}

    def dingtalk(self, query: dict[str, str], body: dict[str, Any]) -> Answer:
        bot = self.bots.get(query.get("access_token", ""))
        if bot is None or bot.kind != DINGTALK:
            return 200, {"errcode": 300005, "errmsg": "token is not exist"}
        if bot.stopped:
            return 200, {"errcode": 400102, "errmsg": "机器人已停用"}
        if bot.secret:
            stamp = query.get("timestamp", "0")
            text = f"{stamp}\n{bot.secret}".encode()
            right = base64.b64encode(hmac.new(bot.secret.encode(), text, hashlib.sha256).digest()).decode()
            if query.get("sign") != right or abs(clock.now().timestamp() - int(stamp) / 1000) > HOUR:
                return 200, {"errcode": 310000, "errmsg": "sign not match"}
        card = body.get("actionCard", {})
        if body.get("msgtype") != "actionCard" or set(card) != {"title", "text", "singleTitle", "singleURL"}:
            return 200, {"errcode": 40035, "errmsg": "缺少参数 json"}
        if bot.keyword not in card["title"] + card["text"]:
            return 200, {"errcode": 310000, "errmsg": "keywords not in content"}
        if bot.too_fast():
            return 200, {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
        bot.got.append(card)
        return 200, {"errcode": 0, "errmsg": "ok"}

    def feishu(self, key: str, body: dict[str, Any], size: int) -> Answer:
        bot = self.bots.get(key)
        if bot is None or bot.kind != FEISHU:
            return 200, {"code": 19001, "msg": "param invalid: incoming webhook access token invalid", "data": {}}
        if bot.secret:
            stamp = str(body.get("timestamp", "0"))
            right = base64.b64encode(hmac.new(f"{stamp}\n{bot.secret}".encode(), b"", hashlib.sha256).digest()).decode()
            if body.get("sign") != right or abs(clock.now().timestamp() - int(stamp)) > HOUR:
                says = "sign match fail or timestamp is not within one hour from current time"
                return 200, {"code": 19021, "msg": says, "data": {}}
        card = body.get("card", {})
        if size > 20_000 or body.get("msg_type") != "interactive" or not {"header", "elements"} <= set(card):
            return 400, {"code": 9499, "msg": "Bad Request", "data": {}}
        if bot.keyword not in json.dumps(card, ensure_ascii=False):
            return 200, {"code": 19024, "msg": "Key Words Not Found", "data": {}}
        if bot.too_fast():
            says = "frequency limited psm[lark.oapi.app_platform_runtime]appID[1500]"
            return 200, {"code": 11232, "msg": says, "data": {}}
        bot.got.append(card)
        return 200, {"StatusCode": 0, "StatusMessage": "success", "code": 0, "data": {}, "msg": "success"}

    def answer(self, address: str, raw: bytes) -> Answer:
        parts = urlsplit(address)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        body = json.loads(raw)
        if parts.path == "/cgi-bin/webhook/send":
            return self.wecom(query, body)
        if parts.path == "/robot/send":
            return self.dingtalk(query, body)
        return self.feishu(parts.path.rpartition("/")[2], body, len(raw))

    def asked(self, address: str) -> Bot | None:
        parts = urlsplit(address)
        keys = [value for values in parse_qs(parts.query).values() for value in values]
        keys.append(parts.path.rpartition("/")[2])
        return next((self.bots[key] for key in keys if key in self.bots), None)


@contextmanager
def running() -> Iterator[Apps]:
    apps = Apps()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            raw = self.rfile.read(int(self.headers["Content-Length"]))
            bot = apps.asked(self.path)
            if bot is not None:
                bot.asked += 1
            status, said = apps.answer(self.path, raw) if bot is None or not bot.status else (bot.status, {})
            if bot is not None and bot.hangs:
                self.close_connection = True
                return
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            if 300 <= status < 400:
                self.send_header("Location", apps.address(apps.bots["elsewhere"]))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None: ...

    with serving(Handler) as apps.port:
        yield apps
