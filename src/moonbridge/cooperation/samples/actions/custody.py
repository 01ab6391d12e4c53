"""Who answers for a piece: handed over at one instant, so that there is one custodian before it and another after."""

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from moonbridge.cooperation.samples.models import Custody, Split
from moonbridge.record.queries import database_now


def hand_over(split: Split, custodian: str, *, reason: str) -> None:
    """Make ``custodian`` (an institution) answer for the piece from now on."""
    now = database_now()
    present = Custody.objects.select_for_update().filter(split=split, period__endswith=None).first()
    if present is not None:
        present.period = DateTimeTZRange(present.period.lower, now)
        present.save(update_fields=["period"])
    Custody.objects.create(split=split, custodian=custodian, period=DateTimeTZRange(now, None), reason=reason)
