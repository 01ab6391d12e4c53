"""The request of somebody who is signed in, for views behind ``login_required``."""

from django.http import HttpRequest

from moonbridge.accounts.models import User


class SignedInRequest(HttpRequest):
    """A request whose user is a person: what Django passes to a view behind ``login_required``."""

    user: User
