"""Ask the database's guards at once. They speak at the end of a transaction; an action wants their answer before it seals anything."""

from django.db import IntegrityError, connection
from django.utils.translation import gettext as _

from moonbridge.errors import DoesNotFit


def ask_the_guards() -> None:
    """Raise :class:`DoesNotFit` if more is promised than the envelope holds, or somebody has no outcome."""
    with connection.cursor() as cursor:
        try:
            cursor.execute("SET CONSTRAINTS nothing_promised_twice IMMEDIATE")
        except IntegrityError as error:
            raise DoesNotFit(_("The database refuses this decision."), guard=str(error).splitlines()[0]) from error
        cursor.execute("SET CONSTRAINTS nothing_promised_twice DEFERRED")
