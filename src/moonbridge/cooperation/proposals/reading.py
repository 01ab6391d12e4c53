"""Small readings that forms, pages and receipts share."""

from fractions import Fraction

from moonbridge.cooperation.programmes.models import Partner, PartnerKind
from moonbridge.quantities import decimal_text


def percent(permille: int) -> str:
    """Return thousandths as exact percent digits, ``33.3``."""
    return decimal_text(Fraction(permille, 10))


def partner_names() -> list[str]:
    """Return the bodies that the catalogue knows, to choose from."""
    known = Partner.objects.exclude(kind=PartnerKind.COUNTRY)
    return list(known.order_by("name").values_list("name", flat=True))
