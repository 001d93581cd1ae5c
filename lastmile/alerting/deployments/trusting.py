"""The certificate that the deployment above signs its warnings with: taken over by the one below when it is another.

Below says by fingerprint which ones it believes, above answers with its own where that is none of them. The answer is
signed by the key of the link, as everything on it; earlier certificates stay, for what was signed by them.
"""

from __future__ import annotations

from typing import Any, Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes

from lastmile.alerting.cap import keys
from lastmile.alerting.deployments import wire
from lastmile.alerting.models import Deployment
from lastmile.alerting.sources.trust import anchors_of
from lastmile.kernel import audit

LONGEST: Final = 20_000  # characters
END: Final = "-----END CERTIFICATE-----"


def believed(link: Deployment) -> list[str]:
    """Below: fingerprints of what is believed of the deployment above."""
    found = {_mark(one) for source in link.sources.order_by("pk") for one in anchors_of(source)}
    return sorted(found)


def offered(said: dict[str, Any]) -> dict[str, str]:
    """Above: our certificate, for whoever says what it believes and does not believe it yet."""
    marks = said.get("believes")
    if not isinstance(marks, list):
        return {}
    try:
        ours = keys.certificate()
        known = _mark(x509.load_pem_x509_certificates(ours.encode())[0]) in marks
    except (ValueError, OSError):  # the key does not work: messages go out unsigned, which the doctor says
        return {}
    return {} if known else {"certificate": ours}


def take(link: Deployment, told: dict[str, Any]) -> None:
    """Below: believe it too, from an answer that the deployment above has signed."""
    text = wire.text(told.get("certificate"), LONGEST)
    try:
        leaf = x509.load_pem_x509_certificates(text.encode())[0] if text else None
    except ValueError:
        return
    if leaf is None or _mark(leaf) in believed(link):
        return
    for source in link.sources.select_for_update():
        source.anchors = _whole(f"{text.strip()}\n{source.anchors}")
        source.save(update_fields=["anchors"])
    audit.record("alerting.deployment_certificate", actor=None, place=link.place_id, obj=link, fingerprint=_mark(leaf))


def _whole(pem: str) -> str:
    """As many certificates as there is room for, the newest first, none of them cut."""
    return pem if len(pem) <= LONGEST else pem[: pem.rindex(END, 0, LONGEST) + len(END)] + "\n"


def _mark(one: x509.Certificate) -> str:
    return one.fingerprint(hashes.SHA256()).hex()
