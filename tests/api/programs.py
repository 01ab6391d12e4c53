"""A program that uses the API with somebody's key, for the tests of what it may change."""

from uuid import uuid4

from django.test import Client

import builders
from cooperation.samples.lending import House
from moonbridge.accounts.actions import make_token
from moonbridge.accounts.models import RoleKind, Scope, User

PEOPLE = ("borrower", "office", "curator", "auditor", "reviewer", "other", "stranger", "foreign")
"""Who may send something about a loan of a house: "foreign" is a curator of another agency."""


class Program:
    """Sends each change twice under one key, as a program on a bad line does, and finds both answers alike."""

    def __init__(self, user: User | None) -> None:
        self.headers = {"Authorization": f"Bearer {make_token('script', by=user)}"} if user else {}

    def get(self, path: str):
        return Client(headers=self.headers).get(f"/api/v1{path}")

    def read(self, path: str):
        answer = self.get(path)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def post(self, path: str, given: dict | None = None, *, key: object = None, status: int = 200):
        headers = self.headers | {"Idempotency-Key": str(key or uuid4())}
        answers = [
            Client(headers=headers).post(f"/api/v1{path}", given or {}, content_type="application/json")
            for _ in range(2)
        ]
        assert [answer.status_code for answer in answers] == [status] * 2, answers[0].content
        assert answers[0].json() == answers[1].json()
        return answers[0].json()


def program_of(house: House, who: str) -> Program:
    """Return the program of one of :data:`PEOPLE`."""
    foreign = builders.role(RoleKind.CURATOR, Scope.AGENCY, builders.agency()) if who == "foreign" else None
    return Program(foreign or getattr(house, who))
