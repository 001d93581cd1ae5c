"""XML signatures: ours on what we send, and what those of others are worth.

A message is never refused for its signature: whoever decides is told. Ours is RSA with SHA-256 – or SM2 with SM3,
where the key is one for it –, enveloped, exclusive canonical XML.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

import cryptography.exceptions
import structlog
from cryptography import x509
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from lxml import etree
from signxml.algorithms import CanonicalizationMethod, DigestAlgorithm, SignatureMethod
from signxml.exceptions import InvalidDigest, InvalidInput, InvalidSignature
from signxml.signer import XMLSigner
from signxml.verifier import SignatureConfiguration, XMLVerifier

from lastmile.alerting.cap import keys, signature_sm2, sm2
from lastmile.alerting.cap.intake import quiet
from lastmile.alerting.cap.names import DSIG

log = structlog.get_logger(__name__)
LONGEST_CHAIN: Final = 6
EMBEDDED: Final = f"{{{DSIG}}}KeyInfo/{{{DSIG}}}X509Data/{{{DSIG}}}X509Certificate"
CERTIFICATES: Final = re.compile(r"-----BEGIN CERTIFICATE-----.*?-----END CERTIFICATE-----", re.DOTALL)
TAMPERED: Final = (InvalidDigest, InvalidSignature, cryptography.exceptions.InvalidSignature, signature_sm2.Tampered)


UNPROVEN: Final = (
    cryptography.exceptions.InvalidSignature,
    cryptography.exceptions.UnsupportedAlgorithm,
    x509.ExtensionNotFound,
)


class State(StrEnum):
    UNSIGNED = "unsigned"
    TRUSTED = "trusted"
    UNKNOWN = "unknown"
    BROKEN = "broken"
    UNREADABLE = "unreadable"


WORDS: Final[dict[State, Promise]] = {
    State.UNSIGNED: _("The message bears no signature."),
    State.TRUSTED: _("The signature is right, by a signer in the trust store."),
    State.UNKNOWN: _("The message is as it was signed, but the signer is not in the trust store."),
    State.BROKEN: _("The signature does not fit: the message was changed after signing, or is not by this signer."),
    State.UNREADABLE: _("There is a signature, but it can't be verified."),
}


@dataclass(frozen=True)
class Verdict:
    """`signer` is the name in the certificate; `weak` says that SHA-1 was used; `why` is the technical reason."""

    state: State
    signer: str = ""
    weak: bool = False
    why: str = ""

    def __str__(self) -> str:
        return str(WORDS[self.state])


def signed(message: bytes) -> bytes:
    """The message with our signature; without one, and a word in the log, when the key doesn't work."""
    try:
        return _signed(message, keys.own())
    except (ValueError, TypeError, OSError, InvalidInput) as error:
        log.error("cap.not_signed", error=str(error))
        return message


@lru_cache(maxsize=256)
def _signed(message: bytes, pem: str) -> bytes:
    return sign(message, pem)


def sign(message: bytes, pem: str) -> bytes:
    """The message with a signature as its last element. `pem` holds the private key and its certificate."""
    key, certificates = pem.partition("-----BEGIN CERTIFICATE-----")[0], CERTIFICATES.findall(pem)
    if not certificates:
        raise ValueError("there is no certificate beside the key")
    chain = x509.load_pem_x509_certificates("\n".join(certificates).encode())
    if sm2.is_sm2(chain[0]):
        return signature_sm2.sign(message, key, chain)
    signer = XMLSigner(c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0)
    root = signer.sign(etree.fromstring(message, quiet()), key=key, cert=certificates)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def verify(message: etree._Element, anchors: Sequence[x509.Certificate], at: datetime | None) -> Verdict:
    """What the signature of a message is worth, by the certificates believed, at the time it was sent."""
    found = message.findall(f"{{{DSIG}}}Signature")
    if not found:
        return Verdict(State.UNSIGNED)
    weak = b"sha1" in etree.tostring(found[0]).lower()
    certificates = _embedded(found[0])
    candidates: list[x509.Certificate | None] = [*certificates] or [None]
    for certificate in candidates:
        verdict = _intact(message, certificate, weak)
        if verdict.state == State.UNKNOWN:
            break
    if verdict.state == State.UNKNOWN and certificate and at and _trusted(certificate, certificates, anchors, at):
        return Verdict(State.TRUSTED, verdict.signer, weak)
    return verdict


def _embedded(signature: etree._Element) -> list[x509.Certificate]:
    found = []
    for element in signature.findall(EMBEDDED)[:LONGEST_CHAIN]:
        text = "".join((element.text or "").split())
        try:
            found.append(
                x509.load_pem_x509_certificate(
                    f"-----BEGIN CERTIFICATE-----\n{text}\n-----END CERTIFICATE-----\n".encode()
                )
            )
        except ValueError:
            continue
    return found


def _intact(message: etree._Element, certificate: x509.Certificate | None, weak: bool) -> Verdict:
    """Whether the message is as it was signed: by this certificate, or by the bare key in the signature."""
    signer = certificate.subject.rfc4514_string() if certificate else ""
    alone = etree.fromstring(etree.tostring(message, with_tail=False), quiet())
    try:
        whole = _whole(alone, certificate)
    except TAMPERED as error:
        return Verdict(State.BROKEN, signer, weak, str(error)[:300])
    except Exception as error:  # a signature is a program by a stranger: whatever it does, it is only not verified
        return Verdict(State.UNREADABLE, signer, weak, f"{type(error).__name__}: {error}"[:300])
    if not whole:
        return Verdict(State.UNREADABLE, signer, weak, "the signature does not cover the whole message")
    return Verdict(State.UNKNOWN, signer, weak)


def _whole(message: etree._Element, certificate: x509.Certificate | None) -> bool:
    """Whether the signature fits and covers the whole message; raises what the verifiers raise."""
    signature = message.find(f"{{{DSIG}}}Signature")
    if signature is not None and signature_sm2.is_ours(signature):
        signature_sm2.verify(message, certificate)
        return True
    config = SignatureConfiguration(
        location="./",
        require_x509=certificate is not None,
        signature_methods=frozenset(SignatureMethod),
        digest_algorithms=frozenset(DigestAlgorithm),
        ignore_ambiguous_key_info=True,
        verification_time=certificate.not_valid_before_utc if certificate else None,  # its dates are judged later
    )
    result = XMLVerifier().verify(message, x509_cert=certificate, expect_config=config)
    result = result[0] if isinstance(result, list) else result
    return result.signed_xml is not None and result.signed_xml.tag == message.tag


def _trusted(
    leaf: x509.Certificate, others: Sequence[x509.Certificate], anchors: Sequence[x509.Certificate], at: datetime
) -> bool:
    """Whether a chain leads from the signer's certificate to one we believe, each valid at that time."""
    current, seen = leaf, 0
    while seen < LONGEST_CHAIN:
        if not current.not_valid_before_utc <= at <= current.not_valid_after_utc:
            return False
        if current in anchors:
            return True
        issuer = next((one for one in (*anchors, *others) if one != current and issued(current, one)), None)
        if issuer is None:
            return False
        current, seen = issuer, seen + 1
    return False


def issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether a certificate is by one that may issue any."""
    try:
        if sm2.is_sm2(issuer):
            if not sm2.issued(certificate, issuer):
                return False
        else:
            certificate.verify_directly_issued_by(issuer)
        return issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (ValueError, TypeError, *UNPROVEN):
        return False
