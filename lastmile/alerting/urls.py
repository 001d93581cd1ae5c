"""Addresses of the alerting room."""

from __future__ import annotations

from django.urls import include, path

from lastmile.alerting.views import (
    channels,
    drafting,
    drafting_decide,
    drafting_detail,
    drafting_rules,
)
from lastmile.alerting.ways import views as ways

ALERTS = [
    path("", drafting.listing, name="alerts"),
    path("new/", drafting.new, name="new"),
    path("ways/", ways.page, name="ways"),
    path("rules/", drafting_rules.approval, name="rules"),
    path("templates/", drafting_rules.templates, name="templates"),
    path("templates/<slug:code>/<slug:hazard>/<slug:colour>/", drafting_rules.template, name="template"),
    path("<slug:code>/", drafting_detail.page, name="alert"),
    path("<slug:code>/edit/", drafting.edit, name="edit"),
    path("<slug:code>/save/", drafting.autosave, name="autosave"),
    path("<slug:code>/readings/", drafting_detail.readings, name="readings"),
    path("<slug:code>/reach/", drafting_detail.reach, name="reach"),
    path("<slug:code>/poster/", drafting_detail.poster, name="poster"),
    path("<slug:code>/poster.pdf", drafting_detail.poster_pdf, name="poster_pdf"),
    path("<slug:code>/script/", drafting_detail.script, name="script"),
    path("<slug:code>/cap.xml", drafting_detail.cap, name="cap"),
    path("<slug:code>/judge/", drafting_decide.judge, name="judge"),
    path("<slug:code>/judge-after/", drafting_decide.judge_after, name="judge_after"),
    path("<slug:code>/issue/", drafting_decide.send, name="issue"),
    path("<slug:code>/follow/<slug:kind>/", drafting_decide.follow_up, name="follow_up"),
    path("<slug:code>/withdraw/", drafting_decide.withdraw, name="withdraw"),
    path("<slug:code>/discard/", drafting_decide.discard, name="discard"),
    path("<slug:code>/copy/", drafting_decide.copy, name="copy"),
    path("<slug:code>/notes/", drafting_detail.add_note, name="add_note"),
    path("<slug:code>/notes/<int:note>/withdraw/", drafting_detail.withdraw_note, name="withdraw_note"),
]

urlpatterns = [
    path("alerts/", include((ALERTS, "alerting"))),
    path("channels/", channels.listing, name="channels"),
    path("channels/<slug:name>/health/", channels.health, name="channel_health"),
    path("channels/<slug:name>/test/", channels.send_test, name="channel_test"),
    path("", include("lastmile.alerting.followers.urls")),
    path("", include("lastmile.alerting.chat.urls")),
    path("", include("lastmile.alerting.public.urls")),
]
