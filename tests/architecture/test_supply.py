"""What others made: each rule of tools/supply.py finds what breaks it, and what is here keeps them all."""

from __future__ import annotations

import json
from email.message import Message
from pathlib import Path
from typing import Any

import pytest

from tools import supply

GOOD = "--hash=sha256:" + "0" * 64


def folder(tmp_path: Path, locked: str, wanted: str = "one\n") -> Path:
    (tmp_path / "base.in").write_text(wanted)
    (tmp_path / "base.txt").write_text(locked)
    return tmp_path


def lock(tmp_path: Path, **package: Any) -> Path:
    whole = {"version": "1.0.0", "license": "MIT", "integrity": "sha512-x", **package}
    path = tmp_path / "package-lock.json"
    path.write_text(json.dumps({"packages": {"": {"dependencies": {"one": "1.0.0"}}, "node_modules/one": whole}}))
    return path


def test_what_is_here_keeps_the_rules() -> None:
    here = supply.ROOT / "requirements"
    assert [*supply.requirements(here), *supply.browser(supply.ROOT / "package-lock.json")] == []
    assert [one for one in supply.installed(supply.versions(here)) if "licence" in one] == []


@pytest.mark.parametrize(
    ("locked", "said"),
    [
        (f"one==1.0 \\\n    {GOOD}\n", ""),
        (f"one>=1.0 \\\n    {GOOD}\n", "not pinned to one version"),
        ("one==1.0\n", "one has no hash"),
        (f"two==1.0 {GOOD}\n", "one is missing"),
        (f"--index-url https://elsewhere.example\none==1.0 {GOOD}\n", "not pinned to one version"),
        (f"one @ https://elsewhere.example/one.whl {GOOD}\n", "not pinned to one version"),
    ],
)
def test_requirements_are_pinned_with_hashes(tmp_path: Path, locked: str, said: str) -> None:
    found = "\n".join(supply.requirements(folder(tmp_path, locked)))
    assert said in found if said else not found


@pytest.mark.parametrize(
    ("package", "said"),
    [
        ({}, ""),
        ({"integrity": None}, "no checksum"),
        ({"integrity": "sha1-x"}, "no checksum"),
        ({"resolved": "https://elsewhere.example/one.tgz"}, "names the host"),
        ({"license": "SSPL-1.0"}, "not on the list"),
    ],
)
def test_what_the_browser_gets_is_pinned_with_checksums(tmp_path: Path, package: dict[str, Any], said: str) -> None:
    found = "\n".join(supply.browser(lock(tmp_path, **package)))
    assert said in found if said else not found


@pytest.mark.parametrize(
    ("header", "words", "allowed"),
    [
        ("License-Expression", "MIT OR Apache-2.0", True),
        ("Classifier", "License :: OSI Approved :: BSD License", True),
        ("License", "GNU Lesser General Public License v3", True),
        ("License", "GPL-3.0-only", False),
        ("License-Expression", "AGPL-3.0-only OR MIT", False),
        ("Classifier", "License :: Other/Proprietary License", False),
        ("Summary", "says nothing of a licence", False),
    ],
)
def test_a_licence_is_on_the_list(header: str, words: str, allowed: bool) -> None:
    about = Message()
    about[header] = words
    assert supply.allowed(supply.licence(about)) is allowed


def test_a_known_vulnerability_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[Any] = []

    def answer(question: dict[str, Any]) -> dict[str, Any]:
        asked.extend(question["queries"])
        return {"results": [{}, {"vulns": [{"id": "GHSA-1"}, {"id": "GHSA-2"}]}, {}]}

    monkeypatch.setattr(supply, "ask", answer)
    monkeypatch.setattr(supply, "ACCEPTED", {"GHSA-2": "a test"})
    found = supply.known_holes([("PyPI", "one", "1.0"), ("PyPI", "two", "2.0"), ("npm", "three", "3.0")])
    assert found == ["two 2.0 (PyPI) has known vulnerabilities: GHSA-1"]
    assert asked[2] == {"package": {"name": "three", "ecosystem": "npm"}, "version": "3.0"}


@pytest.mark.parametrize("error", [OSError("no route"), TimeoutError("late")])
def test_no_network_is_said_loudly_and_fails_nothing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: OSError
) -> None:
    def away(*_args: Any, **_options: Any) -> None:
        raise error

    monkeypatch.setattr(supply, "urlopen", away)
    for name in ("requirements", "installed", "browser", "fitting"):
        monkeypatch.setattr(supply, name, lambda *_args: [])
    assert supply.main() == 0
    assert "SKIPPED known vulnerabilities" in capsys.readouterr().out


def test_a_hole_fails_the_check(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(supply, "known_holes", lambda *_args: ["one 1.0 (PyPI) has known vulnerabilities: X"])
    for name in ("requirements", "installed", "browser", "fitting"):
        monkeypatch.setattr(supply, name, lambda *_args: [])
    assert supply.main() == 1
    assert "one 1.0" in capsys.readouterr().out
