from __future__ import annotations

from django.urls import path

from lastmile.duties.views import gaps

urlpatterns = [
    path("gaps/", gaps.overview, name="gaps"),
    path("gaps/refresh/", gaps.refresh, name="gap_refresh"),
    path("gaps/limits/<slug:code>/", gaps.limits, name="gap_limits"),
    path("gaps/<slug:kind>/", gaps.listing, name="gap_list"),
    path("gaps/<slug:kind>/<slug:pk>/mend/", gaps.mend, name="gap_mend"),
]
