"""People and roles, by the operator at the machine."""

from typing import Annotated

import typer

from moonbridge.errors import InputError

people = typer.Typer(help="People and the roles they hold.", no_args_is_help=True)


@people.command("grant")
def grant(
    email: Annotated[str, typer.Argument(help="The address of somebody who has an account.")],
    role: Annotated[str, typer.Argument(help="office, curator or auditor.")],
    agency: Annotated[str, typer.Option(help="The agency's slug in the catalogue, for example cnsa.")],
) -> None:
    """Give somebody a role in an agency: how its first programme officer is named."""
    from moonbridge.site import preparation

    preparation.set_up_django()
    from moonbridge.accounts import actions
    from moonbridge.accounts.models import RoleKind, Scope, User
    from moonbridge.cooperation.programmes.models import Partner, PartnerKind

    user = User.objects.filter(email__iexact=email).first()
    if user is None:
        raise InputError(f"nobody has signed up as {email}; they do so on the site, then repeat this", field="email")
    host = Partner.objects.filter(kind=PartnerKind.AGENCY, slug=agency).first()
    if host is None:
        known = ", ".join(
            Partner.objects.filter(kind=PartnerKind.AGENCY).order_by("slug").values_list("slug", flat=True)
        )
        raise InputError(f"there is no agency {agency!r}; the catalogue knows {known or 'none yet'}", field="agency")
    if role not in {RoleKind.OFFICE, RoleKind.CURATOR, RoleKind.AUDITOR}:
        raise InputError(f"{role!r} is not a role in an agency; use office, curator or auditor", field="role")
    actions.grant(user, RoleKind(role), Scope.AGENCY, host.pk, by=None)
    print(f"{user.email} is {role} of {host.name}")
