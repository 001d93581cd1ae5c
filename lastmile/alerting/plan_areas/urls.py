"""Addresses of plan areas."""

from __future__ import annotations

from django.urls import path

from lastmile.alerting.plan_areas import views, views_book

app_name = "plan_areas"
urlpatterns = [
    path("", views.listing, name="listing"),
    path("of/<slug:code>/new/", views.add, name="add"),
    path("of/<slug:code>/book/", views_book.start, name="book"),
    path("of/<slug:code>/template/", views_book.template, name="template"),
    path("of/<slug:code>/export/", views_book.export, name="export"),
    path("<int:pk>/", views.page, name="page"),
    path("<int:pk>/edit/", views.edit, name="edit"),
    path("<int:pk>/close/", views.close, name="close"),
    path("<int:pk>/assign/", views.assign, name="assign"),
]
