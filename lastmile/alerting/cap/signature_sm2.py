"""An XML signature with SM2 and SM3, made and checked by hand: the XML signature library knows neither.

No standard names the algorithms for XML. We write the names that the customs' single window was seen to use, and read
two families of them. Everything else is as in our other signatures: enveloped, the whole message, canonical XML.
"""

from __future__ import annotations

import base64
import binascii
import hmac
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from lxml import etree

from lastmile.alerting.cap import sm2
from lastmile.alerting.cap.intake import quiet
from lastmile.alerting.cap.names import DSIG

CUSTOMS: Final = "http://www.chinaport.gov.cn/2022/04/xmldsig#"
METHODS: Final = (f"{DSIG}sm2-sm3", f"{CUSTOMS}sm2-sm3")
ENVELOPED: Final = f"{DSIG}enveloped-signature"
EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
INCLUSIVE: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
FORM: Final = (
    f'<ds:Signature xmlns:ds="{DSIG}"><ds:SignedInfo><ds:CanonicalizationMethod Algorithm="{EXCLUSIVE}"/>'
    f'<ds:SignatureMethod Algorithm="{METHODS[0]}"/><ds:Reference URI=""><ds:Transforms>'
    f'<ds:Transform Algorithm="{ENVELOPED}"/><ds:Transform Algorithm="{EXCLUSIVE}"/></ds:Transforms>'
    f'<ds:DigestMethod Algorithm="{DSIG}sm3"/><ds:DigestValue/></ds:Reference></ds:SignedInfo><ds:SignatureValue/>'
    "<ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>"
)


class Tampered(Exception):
    """The message is not as it was signed, or not signed by this key."""


def sign(message: bytes, pem: str, certificates: list[x509.Certificate]) -> bytes:
    """The message with a signature as its last element. Raises ValueError."""
    root = etree.fromstring(message, quiet())
    digest = _digest(_canonical(root, EXCLUSIVE), f"{DSIG}sm3")
    signature = etree.fromstring(FORM, quiet())
    root.append(signature)
    _at(signature, "SignedInfo/Reference/DigestValue").text = base64.b64encode(digest).decode()
    data = _at(signature, "KeyInfo/X509Data")
    for one in certificates:
        encoded = base64.b64encode(one.public_bytes(serialization.Encoding.DER)).decode()
        etree.SubElement(data, f"{{{DSIG}}}X509Certificate").text = encoded
    said = _canonical(_at(signature, "SignedInfo"), EXCLUSIVE)
    made = sm2.sign(pem, certificates[0], said)
    _at(signature, "SignatureValue").text = base64.b64encode(made).decode()
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def is_ours(signature: etree._Element) -> bool:
    """Whether this signature is made with SM2."""
    method = signature.find(f"{{{DSIG}}}SignedInfo/{{{DSIG}}}SignatureMethod")
    return method is not None and method.get("Algorithm") in METHODS


def verify(message: etree._Element, certificate: x509.Certificate | None) -> None:
    """Raises Tampered; ValueError for what can't be judged: another form, an unknown algorithm, no certificate."""
    signature = message.find(f"{{{DSIG}}}Signature")
    if signature is None or certificate is None or not sm2.is_sm2(certificate):
        raise ValueError("there is no certificate with an SM2 key beside the signature")
    info = _at(signature, "SignedInfo")
    references = info.findall(f"{{{DSIG}}}Reference")
    if len(references) != 1 or references[0].get("URI") != "":
        raise ValueError("the signature does not cover the whole message, or more than it")
    canonical = _method(_at(info, "CanonicalizationMethod"), (EXCLUSIVE, INCLUSIVE))
    said, value = _canonical(info, canonical), _decoded(_at(signature, "SignatureValue"))
    form = _transformed(references[0])
    _without(message, signature)
    name = _at(references[0], "DigestMethod").get("Algorithm", "")
    found = _digest(_canonical(message, form), name)
    if not hmac.compare_digest(found, _decoded(_at(references[0], "DigestValue"))):
        raise Tampered("the message is not as it was signed")
    if not sm2.verify(sm2.point(certificate), said, value):
        raise Tampered("the signature is not by the key of this certificate")


def _transformed(reference: etree._Element) -> str:
    """How the message is made canonical once the signature is out of it."""
    found = [_method(one, (ENVELOPED, EXCLUSIVE, INCLUSIVE)) for one in _at(reference, "Transforms")]
    if found[:1] != [ENVELOPED] or len(found) > 2 or ENVELOPED in found[1:]:
        raise ValueError("the signature is not an enveloped one")
    return found[1] if len(found) == 2 else INCLUSIVE


def _method(element: etree._Element, allowed: tuple[str, ...]) -> str:
    name = element.get("Algorithm", "")
    if name not in allowed or len(element):
        raise ValueError(f"this algorithm is not known here: {name[:100]}")
    return name


def _digest(data: bytes, name: str) -> bytes:
    kinds = {f"{DSIG}sm3": hashes.SM3(), f"{CUSTOMS}sm3": hashes.SM3()}
    if name not in kinds:
        raise ValueError(f"this digest is not known here: {name[:100]}")
    made = hashes.Hash(kinds[name])
    made.update(data)
    return made.finalize()


def _canonical(element: etree._Element, form: str) -> bytes:
    return bytes(etree.tostring(element, method="c14n", exclusive=form == EXCLUSIVE, with_comments=False))


def _without(message: etree._Element, signature: etree._Element) -> None:
    """The element goes, the text behind it stays."""
    tail, before = signature.tail or "", signature.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        message.text = (message.text or "") + tail
    message.remove(signature)


def _at(element: etree._Element, path: str) -> etree._Element:
    found = element.find("/".join(f"{{{DSIG}}}{name}" for name in path.split("/")))
    if found is None:
        raise ValueError(f"the signature has no {path}")
    return found


def _decoded(element: etree._Element) -> bytes:
    try:
        return base64.b64decode("".join((element.text or "").split()), validate=True)
    except binascii.Error:
        raise ValueError("this is no base64") from None
