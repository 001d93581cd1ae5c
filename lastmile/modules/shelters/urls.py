"""Addresses of the room."""

from __future__ import annotations

from django.urls import path

from lastmile.kernel.offline import worker
from lastmile.modules.shelters.views import book, desk, missing, orders, public, register, roll

urlpatterns = [
    path("w/shelters/", public.shelters, name="public_shelters"),
    path("shelters/", register.listing, name="shelters"),
    path("shelters/map/", register.overview, name="shelter_map"),
    path("shelters/points.json", register.points, name="shelter_points"),
    path("shelters/add/<slug:code>/", register.add, name="shelter_add"),
    path("shelters/import/<slug:code>/", book.start, name="shelter_import"),
    path("shelters/import/<slug:code>/template/", book.template, name="shelter_template"),
    path("shelters/<int:pk>/", register.page, name="shelter"),
    path("shelters/<int:pk>/edit/", register.edit, name="shelter_edit"),
    path("shelters/<int:pk>/close/", register.close, name="shelter_close"),
    path("shelters/desk/", desk.listing, name="shelter_desks"),
    path("shelters/desk/worker.js", worker, name="shelter_worker"),
    path("shelters/desk/offline/", desk.shell, name="shelter_offline"),
    path("shelters/desk/c/<slug:number>/", desk.scanned, name="shelter_scanned"),
    path("shelters/desk/<int:pk>/", desk.page, name="shelter_desk"),
    path("shelters/desk/<int:pk>/sheet.pdf", desk.paper, name="shelter_sheet"),
    path("shelters/desk/<int:pk>/close/", desk.close, name="shelter_desk_close"),
    path("shelters/orders/<int:pk>/", orders.page, name="shelter_order"),
    path("shelters/orders/<int:pk>/change/", orders.change, name="shelter_order_change"),
    path("shelters/orders/<int:pk>/withdraw/", orders.withdraw, name="shelter_order_withdraw"),
    path("alerts/<slug:code>/shelters/", roll.page, name="shelter_alert"),
    path("alerts/<slug:code>/shelters/<slug:place>/", roll.page, name="shelter_alert_place"),
    path("alerts/<slug:code>/shelters/<slug:place>/live/", roll.live, name="shelter_alert_live"),
    path("alerts/<slug:code>/shelters/<slug:place>/xlsx/", roll.export, name="shelter_alert_xlsx"),
    path("alerts/<slug:code>/shelters/<slug:place>/open/<int:pk>/", roll.open_one, name="shelter_alert_open"),
    path("alerts/<slug:code>/shelters/<slug:place>/order/", orders.give, name="shelter_alert_order"),
    path("alerts/<slug:code>/shelters/<slug:place>/orders/", orders.listing, name="shelter_alert_orders"),
    path("alerts/<slug:code>/shelters/<slug:place>/missing/", missing.listing, name="shelter_alert_missing"),
    path("alerts/<slug:code>/shelters/<slug:place>/missing/names/", missing.names, name="shelter_alert_names"),
    path("alerts/<slug:code>/shelters/<slug:place>/elsewhere/", missing.elsewhere, name="shelter_alert_elsewhere"),
]
