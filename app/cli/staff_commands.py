"""`flask create-admin`, `flask create-responder`, `flask reset-second-factor`: accounts of staff."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from app.accounts import area_input
from app.accounts.area_input import BadAreas, NotAnExtent, SeveralPlaces
from app.accounts.areas import MOST_AREAS, Area
from app.accounts.models import Account, Role
from app.core.errors import Conflict, Invalid
from app.core.unicode_text import shown
from app.gazetteer.place import Place
from app.review import staff
from app.review.audit import BY_COMMAND


@click.command("create-admin")
@click.argument("username")
@click.password_option(help="At least 15 characters; asked for when it is not given.")
def create_admin(username: str, password: str) -> None:
    """Make an account with all rights."""
    _make(username, password, Role.ADMIN, [])


@click.command("reset-second-factor")
@click.argument("username")
def reset_second_factor(username: str) -> None:
    """Take an account's second factor away, for a person who has lost both the app and the recovery codes.

    Its sign-ins end. The next one asks the password alone, and where staff need a second factor, sets up a new one.
    """
    account = Account.named(username)
    if account is None:
        raise click.ClickException(f"No account is called {username!r}.")
    if not account.has_second_factor:
        click.echo(f"{account.username} ({account.id}) has no second factor.")
        return
    staff.reset_second_factor(account.id, by=BY_COMMAND)
    click.echo(f"Took the second factor of {account.username} ({account.id}) away. Its sign-ins have ended.")


def _areas(_context: click.Context, _parameter: click.Parameter, texts: tuple[str, ...]) -> list[Area]:
    if len(texts) > MOST_AREAS:
        raise click.BadParameter(f"There must be at most {MOST_AREAS} areas; there are {len(texts)}.")
    return [_area(text) for text in texts]


areas_option = click.option(
    "--area",
    "areas",
    multiple=True,
    callback=_areas,
    metavar="AREA",
    help="A place's name, as `Bath and North East Somerset`; NAME=ID with the id of /v1/places where several have the "
    "name; WEST,SOUTH,EAST,NORTH in degrees, or the corners of a polygon as `LON,LAT LON,LAT LON,LAT`, after NAME= or "
    "without; or a GeoJSON file with polygons. Repeat it for more. Without one the account sees what everyone sees.",
)


@click.command("create-responder")
@click.argument("username")
@areas_option
@click.password_option(help="At least 15 characters; asked for when it is not given.")
def create_responder(username: str, password: str, areas: list[Area]) -> None:
    """Make an account that judges reports within its areas."""
    _make(username, password, Role.RESPONDER, areas)
    for area in areas:
        click.echo(f"  area: {shown(area.name, 100)}")
    if not areas:
        click.echo("  no area yet: PATCH /v1/admin/accounts/ID sets areas.")


def _make(username: str, password: str, role: Role, areas: Sequence[Area]) -> None:
    try:
        account = staff.make(username, password, role, areas, by=BY_COMMAND)
    except Invalid as error:
        raise click.ClickException("\n".join(f"{m.place}: {m.detail}" for m in error.mistakes)) from error
    except Conflict as error:
        raise click.ClickException(error.detail) from error
    click.echo(f"Made the {role} {account.username} ({account.id}).")


def _area(text: str) -> Area:
    """Read one area: a file, or as people type one. Raises BadParameter."""
    try:
        if text.endswith(("json", ".geojson")) or Path(text).is_file():
            return _file_area(Path(text))
        return area_input.typed(text)
    except SeveralPlaces as error:
        options = "\n".join(f"  {_option(place)}" for place in error.places)
        sentence = f"{text!r} may be several places. Name one of them with its id:\n{options}"
        raise click.BadParameter(sentence) from error
    except (NotAnExtent, BadAreas, ValueError) as error:
        raise click.BadParameter(f"{text!r}: {_sentence(error)}") from error


def _file_area(file: Path) -> Area:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise click.BadParameter(f"{str(file)!r} is no GeoJSON file that can be read.") from error
    named = content.get("name") if isinstance(content, dict) else None
    name = named if isinstance(named, str) else file.stem
    # The rules of a name are those of a request.
    return area_input.read([{"name": name, "polygon": content}])[0]


def _option(place: Place) -> str:
    return f"--area '{place.name}={place.id}'  ({place.kind}, {place.detail})"


def _sentence(error: Exception) -> str:
    """Return the first mistake's sentence, without its code."""
    message: Any = getattr(error, "messages", None) or str(error)
    while not isinstance(message, str):
        message = next(iter(message.values() if isinstance(message, dict) else message))
    return message.partition("|")[2] or message
