"""Ours is verified by a script that knows nothing of us; those of others are judged by trust, time and content."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from lxml import etree

from lastmile.alerting.cap import keys, values
from lastmile.alerting.cap.read import read
from lastmile.alerting.cap.signature import State, Verdict, sign, signed, verify
from lastmile.alerting.cap.tests.samples import SENT, xml

AT = values.moment(SENT)
STRANGER = """
import sys
from lxml import etree
from signxml import XMLVerifier
message, certificate = open(sys.argv[1], "rb").read(), open(sys.argv[2]).read()
signed = XMLVerifier().verify(message, x509_cert=certificate).signed_xml
assert signed.tag == "{urn:oasis:names:tc:emergency:cap:1.2}alert", signed.tag
print(signed.findtext("{*}identifier"))
"""


@pytest.fixture(scope="module")
def pem() -> str:
    return keys.self_signed("alerts@example.cn")


@pytest.fixture(scope="module")
def message(pem: str) -> bytes:
    return sign(xml().encode(), pem)


def judged(message: bytes, anchors: list[x509.Certificate], days: int = 0) -> Verdict:
    assert AT is not None
    return verify(read(message).element, anchors, AT + timedelta(days=days))


def certificates(pem: str) -> list[x509.Certificate]:
    return x509.load_pem_x509_certificates(pem.encode())


def test_a_script_that_knows_nothing_of_us_verifies_it(message: bytes, pem: str, tmp_path: Path) -> None:
    (tmp_path / "m.xml").write_bytes(message)
    (tmp_path / "c.pem").write_text(pem[pem.index("-----BEGIN CERT") :])
    command = [sys.executable, "-I", "-c", STRANGER, str(tmp_path / "m.xml"), str(tmp_path / "c.pem")]
    assert subprocess.run(command, capture_output=True, text=True, check=True).stdout == "1\n"


def test_who_signed_is_believed_only_from_the_trust_store(message: bytes, pem: str) -> None:
    assert judged(message, certificates(pem)).state == State.TRUSTED
    unknown = judged(message, certificates(keys.self_signed("alerts@example.cn")))
    assert (unknown.state, unknown.signer) == (State.UNKNOWN, "CN=alerts@example.cn")


def test_it_is_judged_at_the_time_of_sending(message: bytes, pem: str) -> None:
    assert judged(message, certificates(pem), days=-3650).state == State.UNKNOWN
    assert judged(message, certificates(pem), days=36500).state == State.UNKNOWN


@pytest.mark.parametrize(("old", "new"), [("暴雨红色", "暴雨蓝色"), ("410182", "410183"), ("Actual", "Test")])
def test_a_changed_message_is_told(message: bytes, pem: str, old: str, new: str) -> None:
    changed = message.replace(old.encode(), new.encode(), 1)
    assert judged(changed, certificates(pem)).state == State.BROKEN


def test_a_signature_over_a_part_is_none_over_the_message(pem: str) -> None:
    inner = sign(xml().encode(), pem)
    moved = etree.fromstring(inner)[-1]
    outer = etree.fromstring(xml().encode().replace("红色".encode(), "蓝色".encode()))
    outer.append(moved)
    assert judged(etree.tostring(outer), certificates(pem)).state == State.BROKEN


def test_no_signature_and_nonsense_for_one_are_two_things() -> None:
    nonsense = xml().replace("</alert>", '<Signature xmlns="http://www.w3.org/2000/09/xmldsig#">x</Signature></alert>')
    assert judged(xml().encode(), []).state == State.UNSIGNED
    assert judged(nonsense.encode(), []).state == State.UNREADABLE


def test_a_certificate_by_a_trusted_authority_is_trusted_by_a_mere_neighbour_not(pem: str) -> None:
    key = serialization.load_pem_private_key(pem.encode(), None)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "root")])
    assert isinstance(key, rsa.RSAPrivateKey)

    def issued(subject: str, authority: bool) -> x509.Certificate:
        builder = x509.CertificateBuilder().issuer_name(name).public_key(key.public_key()).serial_number(5)
        builder = builder.not_valid_before(keys.EPOCH).not_valid_after(keys.EPOCH + keys.VALID)
        builder = builder.add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        named = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
        return builder.subject_name(named).sign(key, hashes.SHA256())

    own = issued("station", False).public_bytes(serialization.Encoding.PEM).decode()
    message = sign(xml().encode(), pem.partition("-----BEGIN CERT")[0] + own)
    assert judged(message, [issued("root", True)]).state == State.TRUSTED
    assert judged(message, [issued("root", False)]).state == State.UNKNOWN


def test_the_trust_store_is_by_source(pem: str, settings: Any, tmp_path: Path) -> None:
    settings.CAP_TRUST = str(tmp_path)
    (tmp_path / "a@b.cn").mkdir()
    (tmp_path / "a@b.cn" / "one.pem").write_text(pem)
    (tmp_path / "broken.pem").write_text("x")
    assert len(keys.anchors("a@b.cn")) == 1
    assert keys.anchors("other") == []
    assert keys.anchors("../a@b.cn") == []


def test_a_key_is_made_once_for_all_processes(settings: Any, tmp_path: Path) -> None:
    settings.VAR, settings.CAP_KEY = tmp_path, ""
    first = keys.own()
    keys._made.cache_clear()
    assert keys.own() == first
    assert keys.certificate().startswith("-----BEGIN CERTIFICATE-----")
    assert "PRIVATE" not in keys.certificate()
    assert [path.name for path in (tmp_path / "secrets").iterdir()] == ["cap_key.pem"]
    assert (tmp_path / "secrets" / "cap_key.pem").stat().st_mode & 0o077 == 0


def test_a_key_that_does_not_work_stops_no_warning(settings: Any) -> None:
    settings.CAP_KEY = "not a key"
    assert signed(xml().encode() + b"\n") == xml().encode() + b"\n"
