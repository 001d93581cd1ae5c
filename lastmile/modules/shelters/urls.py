"""Addresses of the room."""

from __future__ import annotations

from django.urls import path

from lastmile.modules.shelters.views import book, register

urlpatterns = [
    path("shelters/", register.listing, name="shelters"),
    path("shelters/map/", register.overview, name="shelter_map"),
    path("shelters/points.json", register.points, name="shelter_points"),
    path("shelters/add/<slug:code>/", register.add, name="shelter_add"),
    path("shelters/import/<slug:code>/", book.start, name="shelter_import"),
    path("shelters/import/<slug:code>/template/", book.template, name="shelter_template"),
    path("shelters/<int:pk>/", register.page, name="shelter"),
    path("shelters/<int:pk>/edit/", register.edit, name="shelter_edit"),
    path("shelters/<int:pk>/close/", register.close, name="shelter_close"),
]
