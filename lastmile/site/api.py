"""The API's root, /api/v1/: every room's router, one way in, one shape of error (RFC 9457).

A room's `api.py` has `router = Router(tags=[…])`; its operations name their whole path ("/alerts/{code}"), take
`request.user` as actor and get objects only through permission and place scope, as views do.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, ValidationError
from ninja.parser import Parser

from lastmile import __version__
from lastmile.community.accounts.apiauth import AUTH
from lastmile.kernel.doors import signed_in
from lastmile.kernel.errors import NotFound, Refusal
from lastmile.kernel.refusals import as_json

ROOMS = [
    "lastmile.community.org",
    "lastmile.community.people",
    "lastmile.community.cells",
    "lastmile.community.accounts",
    "lastmile.duties",
    "lastmile.facts",
    "lastmile.alerting",
    "lastmile.modules.shelters",
    "lastmile.modules.mydata",
]

DESCRIPTION = """Everything the console does, for programs. Log in with a token
(`Authorization: Bearer …`) or a browser session with its CSRF token. Errors are `application/problem+json`:
`title` says what is wrong, `detail` how to mend it, `fields` which field."""


class Problem(Schema):
    """RFC 9457 problem details."""

    title: str
    detail: str
    status: int
    fields: dict[str, str] = {}


class Plain(Parser):
    """JSON without the character NUL, which the database can't keep in a text: such a body is refused unread."""

    def parse_body(self, request: HttpRequest) -> Any:
        body = super().parse_body(request)
        if _holds_nul(body):
            raise ValueError("NUL")  # ninja answers 400
        return body


def _holds_nul(found: Any) -> bool:
    if isinstance(found, dict):
        return any(_holds_nul(part) for pair in found.items() for part in pair)
    if isinstance(found, list):
        return any(_holds_nul(part) for part in found)
    return isinstance(found, str) and "\0" in found


class Api(NinjaAPI):
    """Every operation may answer a problem; the schema says so once for all."""

    def get_openapi_schema(self, *args: Any, **kwargs: Any) -> Any:
        schema = super().get_openapi_schema(*args, **kwargs)
        schema["components"]["schemas"]["Problem"] = Problem.model_json_schema()
        content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
        refused = {"description": "Refused: the body says why and how to mend it", "content": content}
        for path in schema["paths"].values():
            for operation in path.values():
                operation["responses"].setdefault("4XX", refused)
        return schema


def build() -> Api:
    """The API with the routers of all rooms."""
    made = Api(
        title="Lastmile",
        version=__version__,
        description=DESCRIPTION,
        urls_namespace="api",
        auth=AUTH,
        parser=Plain(),
        docs_decorator=signed_in,
    )
    for room in ROOMS:
        made.add_router("", import_module(f"{room}.api").router)
    for kind, answer in ANSWERS.items():
        made.add_exception_handler(kind, answer)
    return made


def _refused(_request: HttpRequest, error: Any) -> HttpResponse:
    return as_json(error)


def _missing(_request: HttpRequest, _error: Exception) -> HttpResponse:
    return as_json(NotFound(_("There is no such address."), _("Look at the list of addresses at /api/v1/docs.")))


def _http(_request: HttpRequest, error: Any) -> HttpResponse:
    """Ninja's own refusals: no or wrong credentials, a method or body it does not take."""
    code = error.status_code
    if code == 401:
        return as_json(
            Refusal(
                _("Log in first."),
                _(
                    "Send a token in the header Authorization: Bearer ….",
                ),
                status=401,
            )
        )
    return as_json(Refusal(str(error), status=code))


def _invalid(_request: HttpRequest, error: Any) -> HttpResponse:
    fields = {".".join(str(part) for part in one["loc"][1:]): one["msg"] for one in error.errors}
    return as_json(
        Refusal(_("Some fields are missing or wrong."), _("Correct the fields named here."), status=422, fields=fields)
    )


ANSWERS: dict[type[Exception], Callable[[HttpRequest, Any], HttpResponse]] = {
    Refusal: _refused,
    Http404: _missing,
    HttpError: _http,
    ValidationError: _invalid,
}
api = build()
