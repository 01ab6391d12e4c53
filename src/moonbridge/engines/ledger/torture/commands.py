"""What the simulated clients ask for: mostly sensible movements on few accounts, so that they meet, and some nonsense."""

import random
from collections import deque
from collections.abc import Callable
from typing import Final
from uuid import UUID

from moonbridge.engines.ledger.accounts import AccountKind, AccountName
from moonbridge.engines.ledger.movements import LEGAL, WITHOUT_LEGS, Leg, Movement, MovementKind
from moonbridge.engines.ledger.torture.store import Store

LABELS: Final = ("a", "b", "c")
LARGEST: Final = 50
KINDS: Final = tuple(kind for kind in MovementKind if kind not in WITHOUT_LEGS | {MovementKind.CORRECT})
ACCOUNTS: Final = tuple(AccountName(kind, label) for kind in AccountKind for label in LABELS)
REPEATED: Final = 400
"""How many answered movements are remembered for being sent again."""
RECENT: Final = 8
"""How many movements may still be under way."""


class Commander:
    """Draws the next command; keeps what nobody got an answer to, and sends it again later, in any order."""

    def __init__(self, draw: random.Random, store: Store) -> None:
        self._draw, self._store = draw, store
        self._unknown: list[Movement] = []
        self._answered: list[Movement] = []
        self._reservations: list[Movement] = []
        self._recent: deque[Movement] = deque(maxlen=RECENT)
        self._kinds: tuple[tuple[Callable[[], Movement], int], ...] = (
            (self._sensible, 50), (self._reserve, 12), (self._close, 14), (self._correct, 6), (self._nonsense, 6),
            (self._again, 7), (self._other_content, 5),
        )  # fmt: skip

    def next(self) -> Movement:
        """Return what the next client asks for."""
        if self._unknown and self._draw.random() < 0.5:  # noqa: PLR2004 - soon, but not at once
            return self._unknown.pop(self._draw.randrange(len(self._unknown)))
        acts, weights = zip(*self._kinds, strict=True)
        act: Callable[[], Movement] = self._draw.choices(acts, weights)[0]
        self._recent.append(act())
        return self._recent[-1]

    def unknown(self, movement: Movement) -> None:
        """Remember a movement that nobody got an answer to."""
        self._unknown.append(movement)

    def answered(self, movement: Movement) -> None:
        """Remember a movement that was carried out."""
        kept = self._reservations if movement.kind is MovementKind.RESERVE else self._answered
        kept.append(movement)
        if len(kept) > REPEATED:
            kept.pop(self._draw.randrange(REPEATED))

    def _id(self) -> UUID:
        return UUID(int=self._draw.getrandbits(128), version=4)

    def _account(self, kind: AccountKind) -> AccountName:
        return AccountName(kind, self._draw.choice(LABELS))

    def _sensible(self) -> Movement:
        kind = self._draw.choice(KINDS) if self._draw.random() < 0.7 else MovementKind.INTAKE  # noqa: PLR2004
        legal = LEGAL[kind]
        giver = self._account(self._draw.choice(sorted(legal.takes)))
        receivers = {self._account(self._draw.choice(sorted(legal.gives))) for _ in range(self._draw.choice((1, 1, 2)))}
        legs = [Leg(receiver, self._draw.randint(1, LARGEST)) for receiver in sorted(receivers - {giver})]
        return Movement(self._id(), kind, (*legs, Leg(giver, -sum(leg.amount for leg in legs))))

    def _reserve(self) -> Movement:
        leg = Leg(self._account(AccountKind.STORE), self._draw.randint(1, LARGEST))
        return Movement(self._id(), MovementKind.RESERVE, (leg,))

    def _close(self) -> Movement:
        if not self._reservations:
            return self._reserve()
        made = self._draw.choice(self._reservations)
        if self._draw.random() < 0.4:  # noqa: PLR2004
            return Movement(self._id(), MovementKind.VOID, (), reservation=made.id)
        account = made.legs[0].account if self._draw.random() < 0.9 else self._account(AccountKind.STORE)  # noqa: PLR2004
        amount = max(1, made.legs[0].amount + self._draw.randint(-3, 3))
        legs = (Leg(account, -amount), Leg(self._account(AccountKind.LOAN), amount))
        return Movement(self._id(), MovementKind.POST, legs, reservation=made.id)

    def _correct(self) -> Movement:
        if not self._answered:
            return self._sensible()
        taken_back = self._draw.choice(self._answered)
        change = self._draw.choice((0, 0, 0, 1))
        legs = tuple(Leg(leg.account, -leg.amount) for leg in taken_back.legs)
        if change and len(legs) > 1:
            legs = (Leg(legs[0].account, legs[0].amount + 1), Leg(legs[1].account, legs[1].amount - 1), *legs[2:])
        return Movement(self._id(), MovementKind.CORRECT, legs, corrects=taken_back.id)

    def _nonsense(self) -> Movement:
        many = self._draw.randint(0, 3)
        legs = tuple(Leg(self._draw.choice(ACCOUNTS), self._draw.randint(-LARGEST, LARGEST)) for _ in range(many))
        earlier = self._draw.choice(self._answered).id if self._answered else None
        return Movement(
            self._id(), self._draw.choice(tuple(MovementKind)), legs,
            reservation=self._draw.choice((None, None, earlier)), corrects=self._draw.choice((None, None, earlier)),
        )  # fmt: skip

    def _again(self) -> Movement:
        known = self._answered + self._reservations
        return self._draw.choice(known) if known else self._sensible()

    def _other_content(self) -> Movement:
        """Return a movement with the id of another, sent before or at the same time."""
        known = [*self._recent] if self._draw.random() < 0.5 else self._answered  # noqa: PLR2004
        other = self._sensible()
        taken = self._draw.choice(known).id if known else other.id
        return Movement(taken, other.kind, other.legs)
