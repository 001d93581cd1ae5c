"""A key is replaced: asked for, certified by somebody else, installed; until then nothing changes."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from django.core.management import CommandError

from lastmile.alerting.cap import keys, renewal
from lastmile.alerting.cap.read import read
from lastmile.alerting.cap.signature import State, sign, signed, verify
from lastmile.alerting.cap.tests.samples import xml
from lastmile.alerting.cap.tests.test_report import run
from lastmile.kernel import clock
from lastmile.site import doctor


@pytest.fixture(autouse=True)
def own(settings: Any, tmp_path: Path) -> str:
    settings.VAR, settings.CAP_KEY = tmp_path, ""
    keys._made.cache_clear()
    return keys.own()


def certified(request: str, days: int = 365) -> str:
    """An authority says yes."""
    asked = x509.load_pem_x509_csr(request.encode())
    root = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    builder = x509.CertificateBuilder().subject_name(asked.subject).issuer_name(asked.subject).serial_number(7)
    key = asked.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    builder = builder.public_key(key).not_valid_before(clock.now() - timedelta(days=400))
    made = builder.not_valid_after(clock.now() + timedelta(days=days)).sign(root, hashes.SHA256())
    return made.public_bytes(serialization.Encoding.PEM).decode()


def test_a_new_key_waits_for_its_certificate_and_then_signs(own: str, tmp_path: Path) -> None:
    code, request = run("cap", "request")
    assert (code, run("cap", "request")[1] == request, "PRIVATE" in request) == (0, True, False)
    keys._made.cache_clear()
    assert keys.own() == own
    (tmp_path / "new.pem").write_text(certified(request))
    assert "signs from now on" in run("cap", "install", str(tmp_path / "new.pem"))[1]
    assert keys.own() != own
    anchors = x509.load_pem_x509_certificates(keys.certificate().encode())
    found = verify(read(sign(xml().encode(), keys.own())).element, anchors, clock.now())
    assert found.state == State.TRUSTED
    assert sorted(path.name for path in (tmp_path / "secrets").iterdir()) == ["cap_key.pem", "cap_key_before.pem"]
    assert all(path.stat().st_mode & 0o077 == 0 for path in (tmp_path / "secrets").iterdir())


def test_what_does_not_fit_is_refused_and_the_old_key_stays(own: str, tmp_path: Path) -> None:
    strange = keys.self_signed("x")
    late = certified(run("cap", "request")[1], days=-1)
    for text, says in (("x", "no certificate"), (strange, "belongs neither"), (late, "valid from")):
        (tmp_path / "c.pem").write_text(text)
        with pytest.raises(CommandError, match=says):
            run("cap", "install", str(tmp_path / "c.pem"))
    with pytest.raises(CommandError):
        run("cap", "install", str(tmp_path / "nowhere.pem"))
    keys._made.cache_clear()
    assert keys.own() == own


def test_the_certificate_that_is_handed_out_is_pem_as_everybody_reads_it(own: str) -> None:
    first, *lines, last = run("cap", "certificate")[1].splitlines()
    assert (first, last) == ("-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----")
    assert all(len(line) <= 64 for line in lines)


def test_what_was_signed_before_is_signed_anew_with_another_key(own: str, tmp_path: Path) -> None:
    message = xml().encode()
    before = signed(message)
    (tmp_path / "new.pem").write_text(certified(renewal.request()))
    run("cap", "install", str(tmp_path / "new.pem"))
    anchors = x509.load_pem_x509_certificates(keys.certificate().encode())
    assert verify(read(before).element, anchors, clock.now()).state == State.UNKNOWN
    assert verify(read(signed(message)).element, anchors, clock.now()).state == State.TRUSTED


def test_a_key_of_the_operator_is_the_operators_to_change(settings: Any) -> None:
    settings.CAP_KEY = keys.self_signed("x")
    with pytest.raises(renewal.NotInstalled, match="LASTMILE_CAP_KEY"):
        renewal.install(keys.certificate())


def test_the_doctor_says_when_it_ends_and_when_it_does_not_work(settings: Any, tmp_path: Path) -> None:
    assert [one.ok for one in doctor.cap_key()] == [True]
    (tmp_path / "c.pem").write_text(certified(renewal.request(), days=20))
    run("cap", "install", str(tmp_path / "c.pem"))
    (found,) = doctor.cap_key()
    assert (found.ok, "cap request" in found.mend) == (False, True)
    for broken in ("not a key", keys.self_signed("x").partition("-----BEGIN CERT")[0]):
        settings.CAP_KEY = broken
        assert [one.ok for one in doctor.cap_key()] == [False]


def test_a_key_of_another_kind_that_lies_there_is_said() -> None:
    renewal.waiting().write_text("no key")
    with pytest.raises(CommandError, match="take it away"):
        run("cap", "request")
    renewal.waiting().unlink()
    assert run("cap", "request")[0] == 0
