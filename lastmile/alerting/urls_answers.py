"""Pages of what came back: live coverage, doors, sending again, the report."""

from __future__ import annotations

from django.urls import path

from lastmile.alerting.views import answers, coverage, reports

app_name = "answers"

urlpatterns = [
    path("alerts/<slug:code>/coverage/", coverage.page, name="coverage"),
    path("alerts/<slug:code>/coverage/<slug:place>/", coverage.page, name="coverage_place"),
    path("alerts/<slug:code>/coverage/<slug:place>/live/", coverage.live, name="coverage_live"),
    path("alerts/<slug:code>/coverage/<slug:place>/xlsx/", coverage.export, name="coverage_xlsx"),
    path("alerts/<slug:code>/wall/", coverage.wall, name="wall"),
    path("alerts/<slug:code>/wall/live/", coverage.wall_live, name="wall_live"),
    path("alerts/<slug:code>/doors/<slug:place>/", answers.doors, name="doors"),
    path("alerts/<slug:code>/doors/<slug:place>/enter/", answers.enter, name="enter"),
    path("alerts/<slug:code>/doors/<slug:place>/notes/<int:person>/", answers.notes, name="notes"),
    path("alerts/<slug:code>/help/<slug:place>/<int:pk>/", answers.help_claim, name="help"),
    path("alerts/<slug:code>/again/<slug:place>/", answers.again, name="again"),
    path("alerts/<slug:code>/report/", reports.page, name="report"),
    path("alerts/<slug:code>/report/pdf/", reports.pdf, name="report_pdf"),
    path("alerts/<slug:code>/report/xlsx/", reports.xlsx, name="report_xlsx"),
    path("alerts/<slug:code>/report/json/", reports.as_json, name="report_json"),
]
