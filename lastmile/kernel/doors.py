"""Every URL says who may open it. A test walks all of them; one that says nothing fails the build."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from lastmile.kernel.errors import NotAllowed
from lastmile.kernel.permissions import Actor, Perm

View = TypeVar("View", bound=Callable[..., Any])


def needs(*perms: Perm) -> Callable[[View], View]:
    """Only for log-ins that hold one of `perms` somewhere; the view still asks for the object by place."""

    def wrap(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
            if not request.user.is_authenticated:
                return redirect_to_login(request.get_full_path())
            if not any(cast("Actor", request.user).scopes(perm) for perm in perms):
                raise NotAllowed(
                    _("Your role does not open this page."),
                    _("Ask the security administrator if you need it for your work."),
                )
            return cast("HttpResponse", view(request, *args, **kwargs))

        guarded.door = perms  # type: ignore[attr-defined]  # read by the URL-walking test
        return cast("View", guarded)

    return wrap


def actor(request: HttpRequest) -> Actor:
    """Whoever is signed in; behind `needs` and `signed_in` somebody is."""
    return cast("Actor", request.user)


def signed_in(view: View) -> View:
    """For every log-in, whatever its role."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        return cast("HttpResponse", view(request, *args, **kwargs))

    guarded.door = "signed in"  # type: ignore[attr-defined]  # read by the URL-walking test
    return cast("View", guarded)


def public(reason: str) -> Callable[[View], View]:
    """For everybody without log-in; the reason is shown in the table of URLs."""

    def wrap(view: View) -> View:
        view.door = f"public: {reason}"  # type: ignore[attr-defined]  # read by the URL-walking test
        return view

    return wrap
