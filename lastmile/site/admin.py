"""Django's admin site at /admin/: for system administrators, to look at tables that hold no personal data.

It changes nothing: acts belong on the console's pages, where they pass the permission table and the audit trail. Its
own log-in would know no lock-out, so it leads to ours. Sessions are not shown: their key is as good as a password.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _
from procrastinate.contrib.django.models import ProcrastinateJob

from lastmile.community.accounts.models import User
from lastmile.community.accounts.views import door
from lastmile.community.org.models import Place
from lastmile.kernel.errors import NotAllowed

if TYPE_CHECKING:
    Base = admin.ModelAdmin[Any]
else:
    Base = admin.ModelAdmin


class LookOnly(Base):
    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class JobAdmin(LookOnly):
    """The queue, without the arguments of its jobs."""

    list_display = ("id", "queue_name", "task_name", "status", "attempts", "scheduled_at")
    list_filter = ("status", "queue_name")
    fields = list_display


class PlaceAdmin(LookOnly):
    list_display = ("code", "name", "level", "valid_from", "valid_to")
    list_filter = ("level",)
    search_fields = ("code", "name")
    list_select_related = False
    fields = ("code", "national_code", "name", "level", "valid_from", "valid_to")


class LastmileAdmin(admin.AdminSite):
    site_header = site_title = _("Lastmile")
    index_title = _("Tables of the system, to look at")

    def has_permission(self, request: HttpRequest) -> bool:
        return isinstance(request.user, User) and request.user.is_staff

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.user.is_authenticated:
            raise NotAllowed(_("Only system administrators open these tables."), _("Go back to the overview."))
        return redirect_to_login(request.GET.get("next", "/admin/"))

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return door.log_out(request)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return redirect("password")


site = LastmileAdmin(name="admin")
site.register(ProcrastinateJob, JobAdmin)
site.register(Place, PlaceAdmin)
