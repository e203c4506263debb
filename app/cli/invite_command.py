"""`flask invite`: make a link by which a person becomes a responder."""

import click

from app.accounts.areas import Area
from app.api.invitation_schemas import NewInvitationSchema, link_of
from app.cli.checked import checked
from app.cli.staff_commands import areas_option
from app.core import clock
from app.core.config import settings
from app.core.unicode_text import shown
from app.review import inviting
from app.review.audit import BY_COMMAND
from app.review.inviting import ROLES


@click.command("invite")
@areas_option
@click.option("--note", default="", help="For admins, such as whom it is for. Gone after 30 days.")
def invite(areas: list[Area], note: str) -> None:
    """Print a link by which a person becomes a responder: it works once, for seven days.

    Give it to that person alone: anyone who has it can use it.
    """
    values = checked(NewInvitationSchema(), {"role": ROLES[0], "areas": areas, "note": note})
    made = inviting.make(values["role"], values["areas"], values["note"], by=BY_COMMAND)
    until = clock.rfc3339(int(made.invitation.expires_at_ms))
    click.echo(f"Made the invitation {made.invitation.id}, good until {until}.")
    for area in areas:
        click.echo(f"  area: {shown(area.name, 100)}")
    if not areas:
        click.echo("  no area: an admin sets areas once it is used.")
    click.echo(link_of(made.token, settings().public_base_url))
    if not settings().public_base_url:
        click.echo("FLOOD_PUBLIC_BASE_URL is not set: put the address of this service before it.")
