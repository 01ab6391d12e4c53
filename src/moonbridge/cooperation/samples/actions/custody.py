"""Who answers for a piece: handed over at one instant, so that there is one custodian before it and another after."""

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from moonbridge.cooperation.programmes.models import Partner
from moonbridge.cooperation.samples.models import Custody, Split
from moonbridge.record.queries import database_now


def hand_over(split: Split, custodian: str, *, reason: str, partner: Partner | None = None) -> Custody:
    """Make ``custodian`` (an institution) answer for the piece from now on; who may do this, the caller has checked."""
    now = database_now()
    for held in Custody.objects.select_for_update().filter(split=split, period__endswith=None):
        held.period = DateTimeTZRange(held.period.lower, now)
        held.save(update_fields=["period"])
    return Custody.objects.create(
        split=split, custodian=custodian, partner=partner, reason=reason, period=DateTimeTZRange(now, None)
    )
