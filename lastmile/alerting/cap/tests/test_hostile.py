"""Hostile files are refused at once and cheaply: measured in a process of their own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

CHILD = "lastmile.alerting.cap.tests.measure_refusal"
ROOT = Path(__file__).resolve().parents[4]
SECONDS, MEGABYTES = 1.0, 100


def bomb() -> bytes:
    names = [f'<!ENTITY e{n} "{f"&e{n - 1};" * 10}">' for n in range(1, 12)]
    return f'<!DOCTYPE a [<!ENTITY e0 "lol">{"".join(names)}]><alert>&e11;</alert>'.encode()


def entity() -> bytes:
    return b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><alert><identifier>&x;</identifier></alert>'


def remote() -> bytes:
    return b'<!DOCTYPE a SYSTEM "http://192.0.2.1/x.dtd"><alert/>'


def quadratic() -> bytes:
    return b'<!DOCTYPE a [<!ENTITY x "' + b"x" * 100_000 + b'">]><alert>' + b"&x;" * 50_000 + b"</alert>"


def big() -> bytes:
    return b"<alert><note>" + b"x" * 50_000_000 + b"</note></alert>"


def deep() -> bytes:
    return b"<alert>" + b"<a>" * 200_000


def wide() -> bytes:
    return b"<alert>" + b"<a/>" * 1_900_000 + b"</alert>"


def attributes() -> bytes:
    return b"<alert " + b" ".join(b"a%d='x'" % n for n in range(400_000)) + b"/>"


def namespaces() -> bytes:
    return b"<alert " + b" ".join(b"xmlns:a%d='urn:%d'" % (n, n) for n in range(200_000)) + b"/>"


def utf16_entity() -> bytes:
    return entity().decode().encode("utf-16")


def many_tags() -> bytes:
    return b"<" * 8_000_000


HOSTILE = (bomb, entity, remote, quadratic, big, deep, wide, attributes, namespaces, utf16_entity, many_tags)


def test_each_is_refused_in_a_second_and_a_hundred_megabytes(tmp_path: Path) -> None:
    for make in HOSTILE:
        (tmp_path / make.__name__).write_bytes(make())
    command = [sys.executable, "-m", CHILD, *(str(tmp_path / make.__name__) for make in HOSTILE)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=120)
    measured = [json.loads(line) for line in done.stdout.splitlines()]
    assert [one["file"] for one in measured] == [make.__name__ for make in HOSTILE]
    for one in measured:
        assert one["refused"], one
        assert one["seconds"] < SECONDS, one
        assert one["megabytes"] < MEGABYTES, one
