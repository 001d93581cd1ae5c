"""The certificate of our CAP messages for programs: its state, a request for another, and what came back. No key."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field

from lastmile.alerting.cap import keys
from lastmile.alerting.certificate import actions
from lastmile.community.accounts.apiauth import holding
from lastmile.community.accounts.models import User
from lastmile.community.accounts.queries import me

router = Router(tags=["cap"])


class CertificateOut(Schema):
    """`light`: green, yellow, red, said in `says`. `issuer` is empty where it vouches for itself; `by_setting`:
    LASTMILE_CAP_KEY names it; `waiting`: since when a new key waits for its certificate."""

    light: str
    says: str
    signs: bool
    subject: str
    issuer: str
    chain: list[str]
    begins: datetime | None
    ends: datetime | None
    fingerprint: str
    by_setting: bool
    waiting: datetime | None
    pem: str = ""


class RequestOut(Schema):
    request: str


class InstallIn(Schema):
    """`certificates`: PEM, the certificate and those above it, in any order."""

    certificates: Annotated[str, Field(min_length=1, max_length=actions.LONGEST)]


def _who(request: HttpRequest) -> User:
    holding(me(request), actions.PERM)
    return me(request)


def _shown(found: actions.State) -> dict[str, Any]:
    pem = keys.certificate() if found.subject else ""
    return vars(found) | {"light": found.light.light, "says": found.light.says, "pem": pem}


@router.get("/certificate", response=CertificateOut, summary="The certificate of our messages, and how long it holds")
def state(request: HttpRequest) -> dict[str, Any]:
    return _shown(actions.state(_who(request)))


@router.post(
    "/certificate/request", response=RequestOut, summary="Ask for a certificate: the request of a key that waits"
)
def ask(request: HttpRequest) -> dict[str, str]:
    """PKCS #10 in PEM, for a key that is made once and waits here until its certificate is installed."""
    return {"request": actions.request(_who(request))}


@router.post("/certificate/install", response=CertificateOut, summary="Install the certificate, with its chain")
def install(request: HttpRequest, wish: InstallIn) -> dict[str, Any]:
    """From the next message on, it signs."""
    return _shown(actions.install(_who(request), wish.certificates))
