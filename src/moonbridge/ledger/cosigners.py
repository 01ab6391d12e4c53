"""Partners who co-sign checkpoints: whose keys this site takes, and their signatures as they send them."""

import base64
import binascii

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from moonbridge.errors import InputError, Refused
from moonbridge.ledger import log
from moonbridge.ledger.models import CoSignature, CoSigner

KEY_BYTES = 32
"""The length of an Ed25519 public key."""


def register(name: str, public_key: str) -> CoSigner:
    """Take signatures by ``name`` under ``public_key`` (base64) from now on, as the operator who has the key from the partner.

    Raises :class:`InputError` for what is no key, :class:`Refused` where the partner has another one, or the key was withdrawn.
    """
    if not name.strip() or not name.isprintable():
        raise InputError(_("Say the partner's name, in one line."), field="name")
    _require_key(public_key)
    kept = CoSigner.objects.filter(public_key=public_key).first()
    if kept is not None and kept.withdrawn_at is None and kept.name == name:
        return kept
    try:
        with transaction.atomic():
            return CoSigner.objects.create(name=name, public_key=public_key)
    except IntegrityError:
        raise Refused(
            _("This key is known under another name or was withdrawn, or %(name)s has another key.") % {"name": name},
            name=name,
        ) from None


def _require_key(public_key: str) -> None:
    try:
        found = base64.b64decode(public_key, validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) != KEY_BYTES:
        raise InputError(_("A public key is 32 bytes in base64."), field="key")


def withdraw(public_key: str) -> CoSigner:
    """Take no new signature under a key; what it signed stays."""
    kept = partners().filter(public_key=public_key).first()
    if kept is None:
        raise InputError(_("No partner signs with this key."), field="key")
    CoSigner.objects.filter(pk=kept.pk).update(withdrawn_at=Now())
    return kept


def partners() -> QuerySet[CoSigner]:
    """Return the partners whose signatures are taken, by name."""
    return CoSigner.objects.filter(withdrawn_at=None).order_by("name")


def take_in(*, origin: str, size: int, name: str, public_key: str, line: str) -> CoSignature:
    """Keep what a partner's ``record cosign`` wrote; sent again it is the signature that is kept already.

    Raises :class:`Refused` for a key that is not registered for the name, :class:`InputError` where this site has no such checkpoint,
    and :class:`~moonbridge.errors.TamperedError` where the signature is not theirs, or of another checkpoint.
    """
    if not partners().filter(name=name, public_key=public_key).exists():
        raise Refused(
            _("This site takes no signature of %(name)s under this key; give your key to whoever keeps this log first.")
            % {"name": name},
            name=name,
        )
    found = log.checkpoint_of(origin, size)
    if found is None:
        told = {"origin": origin, "size": size}
        raise InputError(_("This site has no checkpoint of %(origin)s at %(size)d movements.") % told, field="size")
    log.cosign(found, name=name, public_key=public_key, line=line)
    return CoSignature.objects.select_related("checkpoint__book").get(checkpoint=found, public_key=public_key)
