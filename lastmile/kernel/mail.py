"""Whom a mail server must be certified by: one answer for the e-mail channel and for Django's own mails."""

from __future__ import annotations

import ssl
from functools import cached_property

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend


def tls_context(authorities: str = "") -> ssl.SSLContext:
    """Checks certificate and name, by the authorities of a PEM file alone, or by the system's. Raises OSError."""
    return ssl.create_default_context(cafile=authorities or None)


class Backend(EmailBackend):
    """Django's mails, over a connection that trusts LASTMILE_SMTP_CA."""

    @cached_property
    def ssl_context(self) -> ssl.SSLContext:
        return tls_context(settings.EMAIL_CA)
