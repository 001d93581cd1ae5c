from __future__ import annotations

from django.urls import path

from lastmile.duties.views import checklists, departments, gaps, handover, responsibilities, superiors

urlpatterns = [
    path("gaps/", gaps.overview, name="gaps"),
    path("gaps/refresh/", gaps.refresh, name="gap_refresh"),
    path("gaps/limits/<slug:code>/", gaps.limits, name="gap_limits"),
    path("gaps/<slug:kind>/", gaps.listing, name="gap_list"),
    path("gaps/<slug:kind>/<slug:pk>/mend/", gaps.mend, name="gap_mend"),
    path("duties/mine/", responsibilities.mine, name="duty_mine"),
    path("duties/sign/", responsibilities.sign, name="duty_sign"),
    path("duties/lists/", responsibilities.listing, name="duty_lists"),
    path("duties/lists/workbook/", responsibilities.upload, name="duty_upload"),
    path("duties/lists/adopt/<slug:code>/", responsibilities.adopt, name="duty_adopt"),
    path("duties/lists/<int:pk>/", responsibilities.post_list, name="duty_list"),
    path("duties/lists/<int:pk>/edit/", responsibilities.edit, name="duty_list_edit"),
    path("duties/checklists/", checklists.listing, name="checklists"),
    path("duties/checklists/add/<slug:code>/", checklists.add, name="checklist_add"),
    path("duties/checklists/<int:pk>/", checklists.page, name="checklist"),
    path("duties/checklists/<int:pk>/edit/", checklists.edit, name="checklist_edit"),
    path("duties/checklists/<int:pk>/open/", checklists.open_round, name="checklist_open"),
    path("duties/checklists/<int:pk>/close/", checklists.close, name="checklist_close"),
    path("duties/checklists/sheet/<int:pk>/", checklists.sheet, name="checklist_sheet"),
    path("duties/joint/add/<slug:code>/", departments.joint_add, name="joint_add"),
    path("duties/joint/<int:pk>/", departments.joint, name="joint"),
    path("duties/disputes/", departments.disputes, name="disputes"),
    path("duties/disputes/add/<int:pk>/", departments.dispute_add, name="dispute_add"),
    path("duties/disputes/<int:pk>/", departments.dispute, name="dispute"),
    path("duties/superiors/", superiors.listing, name="superiors"),
    path("duties/superiors/<int:pk>/", superiors.page, name="superior_ladder"),
    path("duties/superiors/<int:pk>/name/", superiors.name, name="superior"),
    path("duties/handovers/<int:pk>/", handover.page, name="handover"),
]
