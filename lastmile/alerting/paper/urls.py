"""Addresses of the sheets on paper and of typing them back."""

from __future__ import annotations

from django.urls import path

from lastmile.alerting.paper import views

app_name = "paper"

urlpatterns = [
    path("alerts/<slug:code>/paper/<slug:place>/", views.page, name="place"),
    path("alerts/<slug:code>/paper/<slug:place>/enter/", views.enter, name="enter"),
    path("alerts/<slug:code>/paper/<slug:place>/read/", views.read, name="read"),
    path("alerts/<slug:code>/paper/<slug:place>/entries/<int:key>/undo/", views.undo, name="undo"),
    path("paper/<int:key>/", views.made, name="print"),
    path("paper/<int:key>/pdf/", views.pdf, name="pdf"),
]
