"""SM2 signatures with SM3 (GB/T 32918, GM/T 0009) by GmSSL: the optional extra `sm`.

The library that reads certificates knows neither the curve nor the signature; it does know everything else about such a
certificate. So the key, its owner's and the authority's, is taken out of it here.
"""

from __future__ import annotations

import binascii
import re
from types import ModuleType
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

CURVE: Final = bytes.fromhex("06082a811ccf5501822d")  # 1.2.156.10197.1.301
SIGNED_WITH_SM3: Final = "1.2.156.10197.1.501"
KEY: Final = re.compile(r"-----BEGIN (EC )?PRIVATE KEY-----(.*?)-----END", re.DOTALL)
VERSION_TAG: Final = 0xA0
SUBJECT_KEY: Final = 5  # serial, algorithm, issuer, validity, subject, key
SIZE: Final = 32
ENDLESS: Final = 0x80  # a length that DER doesn't have; more than this says how many bytes the length takes

Parts = list[tuple[int, bytes]]  # tag, content


def _library() -> ModuleType:
    try:
        import gmssl_pyx
    except ImportError:
        raise ValueError("SM2 needs the extra “sm” (gmssl-pyx), which is not installed") from None
    found: ModuleType = gmssl_pyx
    return found


def is_sm2(certificate: x509.Certificate) -> bool:
    try:
        return bool(point(certificate))
    except ValueError:
        return False


def point(certificate: x509.Certificate) -> bytes:
    """The two coordinates of an SM2 key; nothing where the key is of another kind. Raises ValueError."""
    (_tag, whole) = parts(certificate.tbs_certificate_bytes)[0]
    fields = [content for tag, content in parts(whole) if tag != VERSION_TAG]
    algorithm, key = (content for _tag, content in parts(fields[SUBJECT_KEY]))
    return key[2:] if algorithm.endswith(CURVE) and len(key) == 2 + 2 * SIZE and key[:2] == b"\0\x04" else b""


def sign(pem: str, certificate: x509.Certificate, data: bytes) -> bytes:
    """The signature as two numbers of 32 bytes. Raises ValueError when the key doesn't belong to the certificate."""
    owner = point(certificate)
    made: bytes = _library().sm2_sign(_private(pem), owner, data)
    r, s = decode_dss_signature(made)
    raw = r.to_bytes(SIZE, "big") + s.to_bytes(SIZE, "big")
    if not verify(owner, data, raw):
        raise ValueError("the private key does not belong to the certificate")
    return raw


def verify(owner: bytes, data: bytes, signature: bytes) -> bool:
    """`owner` as `point` gives it; the signature as two numbers, or in DER as in certificates. Raises ValueError."""
    library = _library()
    if len(signature) == 2 * SIZE:
        halves = (int.from_bytes(half, "big") for half in (signature[:SIZE], signature[SIZE:]))
        signature = encode_dss_signature(*halves)
    try:
        return bool(library.sm2_verify(owner, data, signature))
    except library.GmsslInnerError:
        return False


def issued(certificate: x509.Certificate, issuer: x509.Certificate) -> bool:
    """Whether the issuer's SM2 key has signed the certificate. Raises ValueError."""
    if certificate.signature_algorithm_oid.dotted_string != SIGNED_WITH_SM3 or certificate.issuer != issuer.subject:
        return False
    return verify(point(issuer), certificate.tbs_certificate_bytes, certificate.signature)


def _private(pem: str) -> bytes:
    """The number of a private key, as PKCS 8 or as EC PRIVATE KEY; not encrypted."""
    found = KEY.search(pem)
    if found is None:
        raise ValueError("there is no private key, or it is encrypted")
    try:
        (_tag, fields), *_rest = parts(binascii.a2b_base64(found[2]))
        if not found[1]:
            (_version, _number), (_sequence, algorithm), (_octets, fields) = parts(fields)[:3]
            fields = parts(fields)[0][1] if algorithm.endswith(CURVE) else b""
        return parts(fields)[1][1].rjust(SIZE, b"\0")
    except (IndexError, binascii.Error):
        raise ValueError("the private key is not one for SM2") from None


def parts(der: bytes) -> Parts:
    """What stands in a row in DER. Raises ValueError."""
    found: Parts = []
    at = 0
    while at < len(der):
        head, size = at + 2, der[at + 1] if at + 1 < len(der) else ENDLESS
        if size > ENDLESS:
            head, size = head + size - ENDLESS, int.from_bytes(der[head : head + size - ENDLESS], "big")
        elif size == ENDLESS:
            raise ValueError("this is no DER")
        if head + size > len(der):
            raise ValueError("this is no DER")
        found.append((der[at], der[head : head + size]))
        at = head + size
    return found
