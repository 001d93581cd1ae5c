"""The one table of what each role may see and do. Every role is held at a place and reaches the places below it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _

from lastmile.kernel.permissions import Perm


class Role(models.TextChoices):
    DUTY_OFFICER = "duty_officer", _("duty officer (city or county)")
    APPROVER = "approver", _("approver (city or county)")
    DEPARTMENT_STAFF = "department_staff", _("staff of a department (city, county, township)")
    TOWNSHIP_STAFF = "township_staff", _("township staff")
    VILLAGE_STAFF = "village_staff", _("village or community staff")
    GRID_WORKER = "grid_worker", _("grid worker")
    SHELTER_KEEPER = "shelter_keeper", _("shelter keeper")
    SYSTEM_ADMIN = "system_admin", _("system administrator")
    SECURITY_ADMIN = "security_admin", _("security administrator")
    AUDITOR = "auditor", _("auditor")


READ = {
    Perm.ALERT_READ,
    Perm.DUTY_READ,
    Perm.FACT_READ,
    Perm.GAPS_READ,
    Perm.PLACE_READ,
    Perm.PLAN_AREA_READ,
    Perm.POST_READ,
    Perm.SHELTER_READ,
    Perm.SITE_READ,
    Perm.TERMINAL_READ,
}
PEOPLE = {Perm.HOUSEHOLD_READ, Perm.PERSON_REVEAL}
TEND = {
    Perm.CHAT_EDIT,
    Perm.CHECKLIST_EDIT,
    Perm.PLAN_AREA_EDIT,
    Perm.POST_EDIT,
    Perm.SITE_EDIT,
    Perm.HOUSEHOLD_EDIT,
    Perm.HOUSEHOLD_IMPORT,
    Perm.TERMINAL_EDIT,
}
ANSWER = {Perm.ALERT_RECEIPT, Perm.FACT_ENTER}
SHELTER = {Perm.SHELTER_EDIT, Perm.SHELTER_KEEP, Perm.SHELTER_ORDER}
CALL = {Perm.CALL_ACT, Perm.CALL_START}
ASK = {Perm.FACT_DEFINE, Perm.FACT_REQUEST, Perm.PERSON_EXPORT}  # what is asked comes back as tables

MAY: dict[Role, set[Perm]] = {
    Role.DUTY_OFFICER: READ
    | PEOPLE
    | TEND
    | ANSWER
    | ASK
    | SHELTER
    | CALL
    | {
        Perm.LADDER_EDIT,
        Perm.ALERT_DRAFT,
        Perm.ALERT_ISSUE,
        Perm.ALERT_NOTE,
        Perm.ALERT_RESEND,
        Perm.ALERT_TEMPLATE,
        Perm.PLACE_EDIT,
        Perm.READINESS_EDIT,
        Perm.SOURCE_EDIT,
        Perm.SOURCE_READ,
    },
    Role.APPROVER: READ
    | {Perm.ALERT_APPROVE, Perm.ALERT_ISSUE, Perm.ALERT_RULE, Perm.HOUSEHOLD_READ, Perm.LADDER_EDIT, Perm.SOURCE_READ},
    # Health, water, schools …: what is owed, known and warned of in the area; no resident, and nothing issued.
    Role.DEPARTMENT_STAFF: READ | {Perm.FACT_ENTER, Perm.FACT_REQUEST},
    Role.TOWNSHIP_STAFF: READ
    | PEOPLE
    | TEND
    | ANSWER
    | ASK
    | SHELTER
    | CALL
    | {Perm.ALERT_NOTE, Perm.ALERT_RESEND, Perm.PLACE_EDIT, Perm.READINESS_EDIT},
    Role.VILLAGE_STAFF: READ | PEOPLE | TEND | ANSWER | CALL | SHELTER | {Perm.ALERT_NOTE, Perm.PLACE_EDIT},
    Role.GRID_WORKER: READ | PEOPLE | ANSWER | {Perm.HOUSEHOLD_EDIT, Perm.SHELTER_KEEP},
    # A teacher or guard with a key: sees who is expected at the shelters of the village, and nothing else of anybody.
    Role.SHELTER_KEEPER: {Perm.ALERT_READ, Perm.PLACE_READ, Perm.SHELTER_KEEP, Perm.SHELTER_READ},
    # 三员分立: these three see no residents and issue nothing; no log-in may hold two of them.
    Role.SYSTEM_ADMIN: {
        Perm.CHAT_EDIT,
        Perm.DEPLOYMENT_EDIT,
        Perm.PLACE_READ,
        Perm.PLACE_EDIT,
        Perm.SOURCE_EDIT,
        Perm.SOURCE_READ,
        Perm.SYSTEM_CONFIGURE,
        Perm.USER_READ,
    },
    Role.SECURITY_ADMIN: {
        Perm.PLACE_READ,
        Perm.RETENTION_EDIT,
        Perm.USER_READ,
        Perm.USER_EDIT,
        Perm.GRANT_EDIT,
    },
    Role.AUDITOR: {Perm.PLACE_READ, Perm.AUDIT_READ},
}

THREE_OFFICERS = {Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDITOR}

# Code lengths at which a role may be held: who issues sits at county or above (突发事件应对法 art. 64).
HELD_AT: dict[Role, set[int]] = {
    Role.DUTY_OFFICER: {4, 6},
    Role.APPROVER: {4, 6},
    Role.DEPARTMENT_STAFF: {4, 6, 9},
    Role.TOWNSHIP_STAFF: {9},
    Role.VILLAGE_STAFF: {12},
    Role.GRID_WORKER: {15},
    Role.SHELTER_KEEPER: {12, 15},
    Role.SYSTEM_ADMIN: {4, 6},
    Role.SECURITY_ADMIN: {4, 6},
    Role.AUDITOR: {4, 6},
}
