"""What the audit trail's acts are called on the pages. An act without words here shows its own name."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from lastmile.kernel import audit
from lastmile.kernel.models import AuditEntry

Words = str | Promise

ROOMS: list[tuple[str, Words]] = [
    ("accounts", _("log-ins and roles")),
    ("org", _("places and posts")),
    ("people", _("households and people")),
    ("alerting", _("warnings")),
    ("channels", _("channels of sending")),
    ("shelters", _("shelters")),
    ("kernel", _("security")),
    ("site", _("system")),
]

ACTS: dict[str, Words] = {
    "accounts.activate": _("activated a log-in"),
    "accounts.deactivate": _("deactivated a log-in"),
    "accounts.grant": _("gave a role"),
    "accounts.grant_ended": _("ended a role"),
    "accounts.lock": _("locked a log-in"),
    "accounts.login": _("logged in"),
    "accounts.login_failed": _("failed to log in"),
    "accounts.logout": _("logged out"),
    "accounts.password_changed": _("changed the password"),
    "accounts.password_reset": _("reset a password"),
    "accounts.recovery_renewed": _("made new recovery codes"),
    "accounts.recovery_used": _("used a recovery code"),
    "accounts.second_removed": _("took the own second factor away"),
    "accounts.second_reset": _("took somebody's second factor away"),
    "accounts.second_set": _("set up a second factor"),
    "accounts.token_made": _("made an API token"),
    "accounts.token_revoked": _("revoked an API token"),
    "accounts.unlock": _("unlocked a log-in"),
    "accounts.user_created": _("created a log-in"),
    "alerting.approved": _("approved a warning"),
    "alerting.approved_after": _("approved a warning after issue"),
    "alerting.call_again": _("called somebody for a warning by hand"),
    "alerting.call_confirmed": _("entered that a post has confirmed"),
    "alerting.call_evidence": _("took away the evidence of a post"),
    "alerting.person_evidence": _("looked at the evidence of duty of a person"),
    "alerting.call_note": _("wrote a note or message about a call"),
    "alerting.call_relayed": _("entered that a warning was passed on"),
    "alerting.call_taken": _("took over a call"),
    "alerting.call_undone": _("took back what was entered about a call"),
    "alerting.copy": _("copied a warning"),
    "alerting.discard": _("discarded a draft"),
    "alerting.draft": _("drafted a warning"),
    "alerting.expire": _("let a warning expire"),
    "alerting.follow_up": _("began to update or lift a warning"),
    "alerting.issue": _("issued a warning"),
    "alerting.issue_urgent": _("issued a warning by the urgent path"),
    "alerting.ladder": _("set a ladder"),
    "alerting.ladder_drop": _("dropped a ladder"),
    "alerting.note": _("added a local note"),
    "alerting.note_withdrawn": _("withdrew a local note"),
    "alerting.objected_after": _("objected to a warning after issue"),
    "alerting.paper": _("printed sheets with names and numbers"),
    "alerting.paper_entry": _("typed outcomes back from paper"),
    "alerting.paper_fetched": _("fetched printed sheets"),
    "alerting.paper_undone": _("took back what was typed from paper"),
    "alerting.readiness_export": _("took away a list of contacts that did not answer"),
    "alerting.readiness_sent": _("sent a part of a reachability test"),
    "alerting.readiness_started": _("started a reachability test"),
    "alerting.readiness_stopped": _("stopped a reachability test"),
    "alerting.read_note": _("read what somebody wrote"),
    "alerting.receipt": _("entered what somebody answered"),
    "alerting.report": _("made a report"),
    "alerting.fallback": _("told some people on another channel, because theirs had failed"),
    "alerting.resend": _("sent again to those not reached"),
    "alerting.returned": _("returned a warning with reasons"),
    "alerting.rule": _("set an approval rule"),
    "alerting.rule_dropped": _("dropped an approval rule"),
    "alerting.start_calls": _("started calling in the own area"),
    "alerting.submit": _("submitted a warning for review"),
    "alerting.template": _("saved a template"),
    "alerting.template_dropped": _("dropped a template"),
    "alerting.withdraw": _("took a warning back from review"),
    "channels.test": _("tested a channel"),
    "kernel.audit_exported": _("exported the audit trail"),
    "kernel.audit_verified": _("verified the audit trail"),
    "kernel.keys_reencrypted": _("re-encrypted personal fields"),
    "org.add_grid": _("added a grid"),
    "org.add_post": _("added a post"),
    "org.add_site": _("added a special site"),
    "org.close_post": _("closed a post"),
    "org.close_site": _("closed a special site"),
    "org.generate_grids": _("generated grids"),
    "org.import": _("imported places"),
    "org.import_outlines": _("imported outlines"),
    "org.rename": _("renamed a place"),
    "org.retire_grid": _("retired a grid"),
    "org.set_outlines": _("drew an outline"),
    "people.add_contact": _("added a contact"),
    "people.add_household": _("added a household"),
    "people.add_person": _("added a person"),
    "people.appoint": _("appointed to a post"),
    "people.delete_contact": _("deleted a contact"),
    "people.edit_household": _("edited a household"),
    "people.edit_person": _("edited a person"),
    "people.end_appointment": _("ended an appointment"),
    "people.end_leave": _("ended a leave"),
    "people.find_by_contact": _("looked somebody up by contact"),
    "people.generate": _("generated invented people"),
    "people.import": _("imported a workbook"),
    "people.leave_home": _("moved a person out"),
    "people.look": _("opened masked details"),
    "people.move_in": _("moved a person in"),
    "people.move_out": _("moved a household out"),
    "people.put_back": _("put a household back"),
    "people.put_contact_first": _("put a contact first"),
    "people.retire_contact": _("took a contact out of use that does not exist"),
    "people.stop_contact": _("stopped using a contact"),
    "people.take_leave": _("noted a leave"),
    "people.upload": _("uploaded a workbook"),
    "people.use_contact": _("took a contact into use again"),
    "site.set_up": _("set up the system"),
    "people.look_many": _("opened the names of people expected at a shelter"),
    "shelters.add": _("entered a shelter"),
    "shelters.close": _("took a shelter out of service"),
    "shelters.close_opening": _("closed a shelter after a warning"),
    "shelters.edit": _("changed a shelter"),
    "shelters.find_door": _("looked up a household by its number at a shelter"),
    "shelters.forget": _("destroyed names kept at a shelter"),
    "shelters.move": _("entered who came to a shelter, left or is elsewhere"),
    "shelters.open": _("opened a shelter"),
    "shelters.order": _("ordered people to a shelter"),
    "shelters.order_changed": _("changed a transfer order"),
    "shelters.order_withdrawn": _("withdrew a transfer order"),
    "shelters.read_missing": _("opened the names of the missing"),
    "shelters.read_names": _("read names of people in no list at a shelter"),
    "shelters.sheet": _("printed a sign-in sheet"),
}

KINDS: dict[str, Words] = {
    "accounts.grant": pgettext_lazy("audit", "role given"),
    "accounts.user": pgettext_lazy("audit", "log-in"),
    "alerting.alert": pgettext_lazy("audit", "warning"),
    "alerting.alertevent": pgettext_lazy("audit", "issue of a warning"),
    "alerting.call": pgettext_lazy("audit", "call of a post"),
    "alerting.ladder": pgettext_lazy("audit", "ladder"),
    "org.boundary": pgettext_lazy("audit", "outline"),
    "org.place": pgettext_lazy("audit", "place"),
    "org.post": pgettext_lazy("audit", "post"),
    "org.specialsite": pgettext_lazy("audit", "special site"),
    "people.appointment": pgettext_lazy("audit", "appointment"),
    "people.contact": pgettext_lazy("audit", "contact"),
    "people.household": pgettext_lazy("audit", "household"),
    "people.person": pgettext_lazy("audit", "person"),
    "people.upload": pgettext_lazy("audit", "workbook"),
}


def of(action: str) -> Words:
    return ACTS.get(action, action)


def actor(entry: AuditEntry) -> Words:
    return _("the system") if entry.actor is None and entry.actor_name == audit.SYSTEM else entry.actor_name


def thing(entry: AuditEntry) -> str:
    """The object of an act, as its kind and key."""
    return f"{KINDS.get(entry.object_type, entry.object_type)} {entry.object_id}".strip()
