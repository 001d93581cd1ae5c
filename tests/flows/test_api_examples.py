"""What docs/api shows is what the system answers: every command is run, every answer compared with the one shown."""

from __future__ import annotations

import json
import re
import shlex
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from lastmile.alerting.channels import signing
from lastmile.alerting.models import AlertEvent, Source
from lastmile.alerting.sources import actions
from lastmile.alerting.tests.conftest import Desk
from lastmile.community.accounts import tokens
from lastmile.community.accounts.models import Grant
from tests.world import World

pytestmark = pytest.mark.django_db
PAGE = Path(__file__).resolve().parents[2] / "docs" / "api" / "departments.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BASE = "https://warn.example.cn"


def blocks(kind: str) -> list[str]:
    return [text for found, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")) if found == kind]


def examples() -> list[tuple[str, Any]]:
    """(command, the answer that is shown below it or None)."""
    found: list[tuple[str, Any]] = []
    for kind, text in BLOCK.findall(PAGE.read_text(encoding="utf-8")):
        if kind == "sh" and text.startswith("curl"):
            found.append((text, None))
        elif kind == "json":
            found[-1] = (found[-1][0], json.loads(text))
    return found


def expanded(command: str, known: dict[str, str]) -> list[str]:
    """The words of a command as a shell would hand them over."""
    text = command.replace("\\\n", " ")
    outside = re.split(r"('[^']*')", text)  # variables are left alone between single quotes only
    return shlex.split("".join(part if part.startswith("'") else _filled(part, known) for part in outside))


def _filled(part: str, known: dict[str, str]) -> str:
    return re.sub(r"\$(\w+)", lambda found: known[found[1]], part)


@dataclass
class Shell:
    """Runs what curl would ask, at the system of this process, and remembers what later examples need."""

    client: Client
    known: dict[str, str] = field(default_factory=dict)

    def run(self, command: str) -> Any:
        words = iter(expanded(command, self.known)[1:])
        url, body, headers = "", b"", {}
        for word in words:
            if word == "-H":
                name, _colon, value = next(words).partition(": ")
                headers[name] = value
            elif word == "-d":
                body = next(words).encode()
            elif word == "--data-binary":
                assert next(words) == "@warning.xml"
                body = blocks("xml")[0].encode()
            else:
                assert not word.startswith("-"), f"{word} is not understood here"
                url = word.removeprefix(BASE)
        kind = headers.pop("Content-Type", "application/octet-stream")
        method = "POST" if body else "GET"
        return self.client.generic(method, url, body, content_type=kind, headers=headers)


def like(shown: Any, real: Any, at: str = "") -> None:
    """Everything shown is there, with the same kind of value; a word other than … is the same word."""
    if isinstance(shown, dict):
        for name, value in shown.items():
            assert name in real, f"{at}.{name} is not in the answer"
            like(value, real[name], f"{at}.{name}")
    elif isinstance(shown, list):
        assert len(real) >= len(shown), f"{at} is shorter"
        for number, value in enumerate(shown):
            like(value, real[number], f"{at}[{number}]")
    elif isinstance(shown, str):
        assert isinstance(real, str), at
        assert shown in ("…", real), f"{at} is {real!r}"
    else:
        assert type(real) is type(shown), f"{at} is {real!r}"


@pytest.fixture
def shell(settings: Any, client: Client) -> Shell:
    settings.PUBLIC_URL, settings.CHANNELS = BASE, ["sms", "web"]
    world = World.build()
    event: AlertEvent = Desk(world).issued(channels=["sms", "web"])
    place = world.places["410182"]
    source, source_token = actions.add(world.system, place, Source.Kind.PUSH, name="水利局", unsigned=True)
    known = {"BASE": BASE, "CODE": event.alert.code, "PERSON": str(world.residents[0].pk)}
    known |= {"SOURCE": str(source.pk), "SOURCE_TOKEN": source_token}
    grant = Grant.objects.get(user=world.officer)
    known["TOKEN"] = tokens.make(world.officer, grant.pk, label="例", days=30, read_only=False)[1]
    return Shell(client, known)


def test_every_example_answers_what_the_page_shows(shell: Shell) -> None:
    asked = examples()
    assert len(asked) > 12
    for command, shown in asked:
        answer = shell.run(command)
        told = f"{command}\n{answer.status_code} {answer.content[:600].decode(errors='replace')}"
        if shown and "status" in shown:
            assert answer.status_code == shown["status"], told
        elif "If-None-Match" in command:
            assert answer.status_code == 304, told
        else:
            assert answer.status_code in (200, 201), told
        if answer.headers.get("ETag"):
            shell.known["ETAG"] = answer.headers["ETag"].replace('"', '\\"')
        if shown is not None:
            like(shown, answer.json())
            if "state" in shown and shown["state"] == "draft":
                shell.known["DRAFT"] = answer.json()["code"]


def test_what_a_program_began_no_program_sends_out(shell: Shell) -> None:
    """As the page says: a person with a second factor does."""
    shell.known["DRAFT"] = shell.known["CODE"]
    for step in ("approve", "issue"):
        who = '-H "Authorization: Bearer $TOKEN" -H "Content-Type: application/json"'
        answer = shell.run(f"curl $BASE/api/v1/alerts/$DRAFT/{step} {who} -d '{{}}'")
        assert answer.status_code == 403, step


def test_the_check_of_a_push_that_the_page_gives_is_right() -> None:
    scope: dict[str, Any] = {}
    exec(blocks("python")[0], scope)  # noqa: S102  (our own page)
    headers = signing.signed("a secret of ours", b"<alert/>", now=time.time())
    genuine = scope["genuine"]

    assert genuine("a secret of ours", headers, b"<alert/>")
    assert not genuine("a secret of ours", headers, b"<alert />")
    assert not genuine("another", headers, b"<alert/>")
    assert not genuine("a secret of ours", signing.signed("a secret of ours", b"", now=time.time() - 301), b"")
