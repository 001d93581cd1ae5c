from __future__ import annotations

from django.urls import path

from lastmile.community.people.views import households, onboard, posts, residents, site_book

urlpatterns = [
    path("households/", households.listing, name="households"),
    path("households/in/<slug:code>/", households.listing, name="household_list"),
    path("households/in/<slug:code>/add/", households.add, name="household_add"),
    path("households/in/<slug:code>/workbook/", onboard.start, name="onboarding"),
    path("households/in/<slug:code>/template.xlsx", onboard.download, name="onboarding_template"),
    path("sites/in/<slug:code>/workbook/", site_book.start, name="sites_workbook"),
    path("sites/in/<slug:code>/template.xlsx", site_book.download, name="sites_template"),
    path("terminals/in/<slug:code>/workbook/", site_book.start_terminals, name="terminals_workbook"),
    path("terminals/in/<slug:code>/template.xlsx", site_book.download_terminals, name="terminals_template"),
    path("people/uploads/<int:pk>/", onboard.page, name="upload"),
    path("people/uploads/<int:pk>/import/", onboard.confirm, name="upload_import"),
    path("people/uploads/<int:pk>/drop/", onboard.drop, name="upload_drop"),
    path("households/<int:pk>/", households.page, name="household"),
    path("households/<int:pk>/open/", households.opened, name="household_open"),
    path("households/<int:pk>/edit/", households.edit, name="household_edit"),
    path("households/<int:pk>/move/", households.move, name="household_move"),
    path("households/<int:pk>/residents/add/", residents.add, name="person_add"),
    path("people/<int:pk>/look/", residents.look, name="person_look"),
    path("people/<int:pk>/looks/", residents.looks, name="person_looks"),
    path("people/<int:pk>/edit/", residents.edit, name="person_edit"),
    path("people/<int:pk>/leave/", residents.leave, name="person_leave"),
    path("people/<int:pk>/guardian/", residents.guardian, name="person_guardian"),
    path("people/<int:pk>/contacts/add/", residents.contact_add, name="contact_add"),
    path("people/contacts/<int:pk>/<slug:verb>/", residents.contact_change, name="contact_change"),
    path("people/posts/<slug:code>/", posts.of_place, name="place_posts"),
    path("people/appoint/<int:pk>/<slug:role>/", posts.appoint, name="appoint"),
    path("people/appointments/<int:pk>/end/", posts.end, name="appointment_end"),
    path("people/appointments/<int:pk>/leave/", posts.leave, name="staff_leave"),
    path("people/appointments/<int:pk>/back/", posts.back, name="staff_back"),
    path("staff/", posts.staff, name="staff"),
]
