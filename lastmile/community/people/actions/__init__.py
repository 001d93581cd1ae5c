"""Change who lives where, how to reach them, and which posts they hold."""

from __future__ import annotations

from lastmile.community.people.actions.contacts import (
    Failed,
    add_contact,
    confirm_contact,
    delete_contact,
    new_contact,
    put_first,
    retire_contacts,
    set_usable,
)
from lastmile.community.people.actions.counts import recount
from lastmile.community.people.actions.households import add_household, edit_household, move_in, move_out
from lastmile.community.people.actions.people import add_person, edit_person, leave_home, put_back
from lastmile.community.people.actions.posts import appoint, appoint_by_phone, end_appointment, end_leave, take_leave

__all__ = [
    "Failed",
    "add_contact",
    "add_household",
    "add_person",
    "appoint",
    "appoint_by_phone",
    "confirm_contact",
    "delete_contact",
    "edit_household",
    "edit_person",
    "end_appointment",
    "end_leave",
    "leave_home",
    "move_in",
    "move_out",
    "new_contact",
    "put_back",
    "put_first",
    "recount",
    "retire_contacts",
    "set_usable",
    "take_leave",
]
