"""Remove a generated population again, and never anybody who could be real."""

from __future__ import annotations

from django.db import connection, models
from django.utils.translation import gettext as _
from psycopg.sql import SQL, Composed, Identifier

from lastmile.community.people.models import Contact, Household, Person
from lastmile.community.people.phones import FICTIONAL
from lastmile.kernel.crypto import keyring
from lastmile.kernel.errors import Conflict

LABEL = b"contact.value"


def clear(prefix: str) -> None:
    """Delete the households and people under the prefix. Raises Conflict if one phone number there could be real."""
    _refuse_real(prefix)
    statements = [*_let_go(Household), *_let_go(Person)]
    statements += [
        SQL("DELETE FROM {} WHERE place_id LIKE %s").format(Identifier(model._meta.db_table))
        for model in (Person, Household)
    ]
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, [prefix + "%"])


def _let_go(model: type[models.Model]) -> list[Composed]:
    """What points at the doomed rows goes with them, or stays without them."""
    doomed = SQL("(SELECT id FROM {} WHERE place_id LIKE %s)").format(Identifier(model._meta.db_table))
    return [
        SQL("UPDATE {} SET {} = NULL WHERE {} IN ").format(table, column, column) + doomed
        if keep
        else SQL("DELETE FROM {} WHERE {} IN ").format(table, column) + doomed
        for table, column, keep in _pointing_at(model)
    ]


def _pointing_at(model: type[models.Model]) -> list[tuple[Identifier, Identifier, bool]]:
    """(table, column, whether the row stays) of every reference, in whatever room; residents go by their own place."""
    fields = [f.field for f in model._meta.get_fields(include_hidden=True) if isinstance(f, models.ManyToOneRel)]
    if model is Household:
        fields = [field for field in fields if field.model is not Person]
    return [
        (
            Identifier(field.model._meta.db_table),
            Identifier(field.column),
            field.remote_field.on_delete is models.SET_NULL,
        )
        for field in fields
    ]


def _refuse_real(prefix: str) -> None:
    decrypt = keyring().decrypt
    phones = Contact.objects.filter(person__place__code__startswith=prefix, kind=Contact.Kind.PHONE)
    for value in phones.values_list("value", flat=True).iterator(chunk_size=5000):
        if value is not None and not decrypt(value.data, LABEL).startswith(FICTIONAL):
            raise Conflict(
                _("There are people under %(prefix)s whose phone numbers could be real.") % {"prefix": prefix},
                _("Nothing was removed. Generate into another place, or into an empty database."),
            )
