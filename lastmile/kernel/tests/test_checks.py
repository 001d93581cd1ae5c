"""The system checks: a sound installation passes, each fault is named with its mend."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

import pytest

from lastmile.kernel import checks
from tests.authority import Authority

KEYS = {name: secrets.token_hex(32) for name in ("SECRET_KEY", "INDEX_KEY", "LINK_KEY", "SEAL_KEY")}


@pytest.fixture
def city(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The settings of a city that has done everything right."""
    for name in checks.SECRETS:
        monkeypatch.setenv(name, "set")
    for name, value in KEYS.items():
        setattr(settings, name, value)
    settings.FIELD_KEYS = f"1:{secrets.token_hex(32)}"
    settings.ALLOWED_HOSTS = ["warn.example.gov.cn", "localhost"]
    settings.PUBLIC_URL = "https://warn.example.gov.cn"
    settings.BEHIND_TLS, settings.DEBUG, settings.SECOND_FACTOR = True, False, ""
    settings.CHANNELS = ["sms", "email", "web"]
    settings.SMS_GATEWAY_URL, settings.DEFAULT_FROM_EMAIL = "https://sms.example", "warn@example.gov.cn"
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
    return settings


def found() -> set[str]:
    messages = [*checks.keys(), *checks.addresses(), *checks.mail()]
    assert all(message.hint for message in messages)
    return {str(message.id).removeprefix("lastmile.") for message in messages}


def test_a_sound_installation_passes(city: Any) -> None:
    assert found() == set()


def test_a_laptop_is_left_in_peace(settings: Any) -> None:
    settings.ALLOWED_HOSTS = ["localhost"]
    settings.BEHIND_TLS = False
    assert found() == set()


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"FIELD_KEYS": "1:abc"}, {"E001", "E002"}),
        ({"FIELD_KEYS": "nonsense"}, {"E001", "E002"}),
        ({"FIELD_KEYS": "1:" + "00" * 32}, {"E002"}),
        ({"SECRET_KEY": "short"}, {"E002"}),
        ({"LINK_KEY": KEYS["INDEX_KEY"]}, {"E003"}),
        ({"SEAL_KEY": ""}, {"E004", "E002"}),
        ({"SEAL_KEY": "no hex at all, whatever its length is"}, {"E004"}),
        ({"SEAL_KEY": KEYS["SEAL_KEY"][:-2]}, {"E004"}),
        ({"SEAL_KEY": "ab" * 32}, {"E002"}),
        ({"SEAL_KEY": KEYS["LINK_KEY"]}, {"E003"}),
        ({"ALLOWED_HOSTS": ["*"]}, {"E010", "W013"}),
        ({"SECOND_FACTOR": "no"}, {"E014"}),
        ({"SECOND_FACTOR": "offered"}, {"W015"}),
        ({"DEBUG": True}, {"E011"}),
        ({"BEHIND_TLS": False}, {"W012"}),
        ({"PUBLIC_URL": "http://127.0.0.1:8000"}, {"W013"}),
        ({"EMAIL_HOST_USER": "warn"}, {"E020"}),
        ({"DEFAULT_FROM_EMAIL": "lastmile@localhost"}, {"W021"}),
        ({"EMAIL_USE_TLS": True, "EMAIL_USE_SSL": True}, {"E023"}),
        ({"EMAIL_USE_TLS": True, "EMAIL_CA": "/no/such/file.pem"}, {"E024"}),
        ({"EMAIL_USE_TLS": True, "EMAIL_CA": __file__}, {"E024"}),
        ({"EMAIL_HOST": "mail.example.cn", "EMAIL_HOST_USER": "warn", "EMAIL_HOST_PASSWORD": "secret"}, {"W026"}),
        ({"EMAIL_HOST_USER": "warn", "EMAIL_HOST_PASSWORD": "secret"}, set()),  # on this machine
        ({"SMS_GATEWAY_URL": ""}, {"W022"}),
        ({"SMS_GATEWAY_URL": "", "CHANNELS": ["web"]}, set()),
    ],
)
def test_each_fault_is_named(city: Any, changes: dict[str, Any], named: set[str]) -> None:
    for name, value in changes.items():
        setattr(city, name, value)
    assert found() == named


def test_an_authority_of_ones_own_is_read_and_of_no_use_without_encryption(city: Any, tmp_path: Path) -> None:
    city.EMAIL_CA = str(Authority(tmp_path).file)
    assert found() == {"W025"}
    city.EMAIL_USE_TLS = True
    assert found() == set()


@pytest.mark.parametrize("name", ["LASTMILE_FIELD_KEYS", "LASTMILE_SEAL_KEY"])
def test_a_key_beside_the_data_is_only_for_a_laptop(city: Any, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name)
    assert found() == {"W001"}


@pytest.mark.django_db
def test_an_old_database_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert list(checks.database()) == []
    monkeypatch.setattr(checks, "OLDEST_POSTGRESQL", 990_000)
    assert [message.id for message in checks.database()] == ["lastmile.E040"]
