"""Addresses of residents about themselves, and of what they ask for."""

from __future__ import annotations

from django.urls import path

from lastmile.modules.mydata.views import change, me, proposals

urlpatterns = [
    path("me/", me.page, name="me"),
    path("me/ask/", me.ask, name="me_ask"),
    path("me/code/", me.code, name="me_code"),
    path("me/number/code/", me.new_number, name="me_new_number"),
    path("me/enter/", me.enter, name="me_enter"),
    path("me/choose/", me.choose, name="me_choose"),
    path("me/leave/", me.leave, name="me_leave"),
    path("me/language/", change.language, name="me_language"),
    path("me/number/", change.number, name="me_number"),
    path("me/contacts/<int:pk>/<slug:verb>/", change.contact, name="me_contact"),
    path("me/consents/<slug:kind>/<int:pk>/", change.consent, name="me_consent"),
    path("me/health/", change.health, name="me_health"),
    path("me/wishes/", change.propose, name="me_propose"),
    path("me/export/<slug:kind>/", change.export, name="me_export"),
    path("corrections/", proposals.listing, name="proposals"),
    path("corrections/<int:pk>/", proposals.page, name="proposal"),
    path("corrections/<int:pk>/settle/", proposals.settle, name="proposal_settle"),
]
