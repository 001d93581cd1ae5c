"""SM2 with SM3: the key, its certificate and the authority's were made by OpenSSL, which also judges what we sign."""

from __future__ import annotations

import base64
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from lxml import etree

from lastmile.alerting.cap import keys, signature_sm2, sm2
from lastmile.alerting.cap.names import DSIG
from lastmile.alerting.cap.read import read
from lastmile.alerting.cap.signature import State, Verdict, sign, signed, verify
from lastmile.alerting.cap.tests.samples import xml
from lastmile.alerting.cap.write import emit

pytest.importorskip("gmssl_pyx", reason="SKIPPED LOUDLY: the extra “sm” is not installed, SM2 was not tried")
PEM = (Path(__file__).parent / "data" / "sm2.pem").read_text()
LEAF, ROOT = x509.load_pem_x509_certificates(PEM.encode())
OWN = PEM[: PEM.rindex("-----BEGIN CERTIFICATE")]  # the key and its certificate, without the authority's
SENT = datetime(2030, 7, 20, 1, 8, tzinfo=UTC)


@pytest.fixture(scope="module")
def message() -> bytes:
    return sign(xml().encode(), OWN)


def judged(message: bytes, *anchors: x509.Certificate, at: datetime = SENT) -> Verdict:
    return verify(read(message).element, anchors, at)


def test_it_is_trusted_by_its_authority_and_unknown_without(message: bytes) -> None:
    assert judged(message, ROOT).state == State.TRUSTED
    assert judged(message, LEAF).state == State.TRUSTED
    unknown = judged(message)
    assert (unknown.state, unknown.signer, unknown.weak) == (State.UNKNOWN, "CN=station.sm2", False)


def test_it_is_judged_at_the_time_of_sending_and_by_nobody_elses_authority(message: bytes) -> None:
    other = x509.load_pem_x509_certificates(keys.self_signed("root.sm2").encode())[0]
    assert judged(message, ROOT, at=SENT - timedelta(days=3650)).state == State.UNKNOWN
    assert judged(message, other).state == State.UNKNOWN
    theirs = sign(xml().encode(), keys.self_signed("station.sm2"))
    assert judged(theirs, ROOT, LEAF).state == State.UNKNOWN


@pytest.mark.parametrize(("old", "new"), [("暴雨红色", "暴雨蓝色"), ("410182", "410183"), ("Actual", "Test")])
def test_a_changed_message_is_told(message: bytes, old: str, new: str) -> None:
    assert judged(message.replace(old.encode(), new.encode(), 1), ROOT).state == State.BROKEN


def test_what_is_signed_comes_through_our_codec(message: bytes) -> None:
    tight = sign(xml().replace("\n", "").encode(), OWN)
    assert judged(emit(read(tight).alert), ROOT).state == State.TRUSTED
    assert judged(emit(read(message).alert), ROOT).state == State.BROKEN  # blanks between elements are not kept


@pytest.mark.parametrize(
    ("old", "new", "state"),
    [
        ("sm2-sm3", "sm2-sm4", State.UNREADABLE),
        ("#sm3", "#sha1", State.UNREADABLE),
        ('URI=""', 'URI="#x"', State.UNREADABLE),
        (signature_sm2.ENVELOPED, signature_sm2.EXCLUSIVE, State.UNREADABLE),
        ("<ds:SignatureValue>", "<ds:SignatureValue>!", State.UNREADABLE),
        ("<ds:SignatureValue>", "<ds:SignatureValue>AAAA", State.BROKEN),
        ("X509Certificate>MII", "X509Certificate>AAA", State.UNREADABLE),
        (signature_sm2.METHODS[0], signature_sm2.METHODS[1], State.BROKEN),  # the name is signed, too
    ],
)
def test_a_signature_that_is_bent_is_never_right(message: bytes, old: str, new: str, state: State) -> None:
    assert old.encode() in message
    assert judged(message.replace(old.encode(), new.encode()), ROOT).state == state


def test_a_signature_that_is_cut_anywhere_raises_nothing(message: bytes) -> None:
    root = etree.fromstring(message)
    for number in range(len(list(root[-1].iter()))):
        bent = etree.fromstring(message)
        part = list(bent[-1].iter())[number]
        part.clear()
        assert judged(etree.tostring(bent), ROOT).state != State.TRUSTED


def test_a_key_of_another_certificate_signs_nothing() -> None:
    strange = OWN.partition("-----BEGIN CERT")[0] + ROOT.public_bytes(serialization.Encoding.PEM).decode()
    with pytest.raises(ValueError, match="belong"):
        sign(xml().encode(), strange)


def test_without_the_library_it_is_said_and_no_warning_is_held_up(
    message: bytes, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "gmssl_pyx", None)
    found = judged(message, ROOT)
    assert found.state == State.UNREADABLE
    assert "gmssl-pyx" in found.why
    settings.CAP_KEY = OWN
    plain = xml().encode() + b" "
    assert signed(plain) == plain


@pytest.mark.parametrize("der", [b"\x30", b"\x30\x80", b"\x30\x05\x00", b"\x30\xff", b"\x30\x84\xff\xff\xff\xff\x00"])
def test_what_is_no_der_is_refused(der: bytes) -> None:
    with pytest.raises(ValueError, match="DER"):
        sm2.parts(der)


def openssl() -> str:
    found = shutil.which("openssl") or ""
    asked = [found, "ecparam", "-list_curves"]
    if not found or "SM2" not in subprocess.run(asked, capture_output=True, text=True, check=False).stdout:
        pytest.skip("SKIPPED LOUDLY: no OpenSSL with SM2 on this machine")
    return found


def test_openssl_finds_it_right(message: bytes, tmp_path: Path) -> None:
    """A program that knows nothing of us: over the canonical SignedInfo, with the usual name of the signer."""
    program, signature = openssl(), etree.fromstring(message)[-1]
    info = etree.tostring(signature[0], method="c14n", exclusive=True, with_comments=False)
    raw = base64.b64decode(signature.findtext(f"{{{DSIG}}}SignatureValue") or "")
    halves = (int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
    (tmp_path / "info").write_bytes(info)
    (tmp_path / "signature").write_bytes(encode_dss_signature(*halves))
    (tmp_path / "leaf.pem").write_bytes(LEAF.public_bytes(serialization.Encoding.PEM))
    key = subprocess.run(
        [program, "x509", "-in", str(tmp_path / "leaf.pem"), "-noout", "-pubkey"], capture_output=True, check=True
    ).stdout
    (tmp_path / "key.pem").write_bytes(key)
    command = [program, "dgst", "-sm3", "-verify", "key.pem", "-sigopt", "distid:1234567812345678"]
    command += ["-signature", "signature", "info"]
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout == "Verified OK\n"
    (tmp_path / "info").write_bytes(info.replace(b"sm3", b"sm4"))
    assert subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False).returncode == 1
