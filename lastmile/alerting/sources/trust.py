"""What of a source is secret or believed: its certificates, the token it is asked with, the secret it signs with."""

from __future__ import annotations

from cryptography import x509

from lastmile.alerting.models import Source


def anchors_of(source: Source) -> list[x509.Certificate]:
    """The certificates believed for this source alone."""
    try:
        return x509.load_pem_x509_certificates(source.anchors.encode()) if source.anchors.strip() else []
    except ValueError:
        return []


def token_of(source: Source) -> str:
    """Opened to be sent to the source itself."""
    return source.token.reveal() if source.token else ""


def secret_of(source: Source) -> str:
    """Opened to check what the source has signed."""
    return source.secret.reveal() if source.secret else ""
