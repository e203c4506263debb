"""`flask switch`: turn things off and on, and show or end the notice, for a person on call."""

import json
from typing import Any

import click

from app.accounts.area_input import NotAnExtent, typed
from app.api.switch_schemas import SwitchesChangeSchema, changes_of, switches_form
from app.cli.checked import checked
from app.core import clock
from app.core.errors import Problem
from app.core.translations import LANGUAGES
from app.review import switching
from app.review.audit import BY_COMMAND
from app.review.switching import REASONS
from app.switches.current import Anonymous, Level

_PARTS = ("anonymous-reports", "registrations", "notice", "source:NAME")


@click.command("switch")
@click.argument("part", required=False)
@click.argument("state", required=False)
@click.option("--area", "names", multiple=True, help="With `off_within`: a place, or WEST,SOUTH,EAST,NORTH. Repeat it.")
@click.option("--text", "texts", multiple=True, metavar="LANGUAGE=TEXT", help="Of a notice, such as `en=Road closed`.")
@click.option("--level", type=click.Choice([level.value for level in Level]), default="important", show_default=True)
@click.option(
    "--hours", type=click.FloatRange(0, 336, min_open=True), default=24, show_default=True, help="Of a notice."
)
@click.option("--reason", type=click.Choice(REASONS), default="other", show_default=True)
def switch(part: str | None, state: str | None, reason: str, **told: Any) -> None:
    """Show the switches; or change one: anonymous-reports (on, off, off_within), registrations, source:NAME, notice.

    `flask switch notice on --text "en=..."` shows a notice on every page, `flask switch notice off` ends it.
    """
    if part is None:
        _show(switches_form(switching.read_for_change()))
        return
    body = {"reason": reason} | _wanted(part, state or "", told)
    if told["names"] and body.get("anonymous_reports") != Anonymous.OFF_WITHIN:
        raise click.ClickException("--area belongs to `anonymous-reports off_within`.")
    try:
        if told["names"]:
            body["off_within"] = [typed(name) for name in told["names"]]
        values = checked(SwitchesChangeSchema(), body)
        after = switching.change(lambda before: changes_of(values, before), reason, by=BY_COMMAND)
    except NotAnExtent as error:
        raise click.ClickException(str(error).partition("|")[2]) from error
    except Problem as problem:
        raise click.ClickException(problem.detail) from problem
    _show(switches_form(after))
    click.echo("Everybody sees it within half a minute.")


def _wanted(part: str, state: str, told: dict[str, Any]) -> dict[str, Any]:
    """Return the member of a change as the API takes it. Raises BadParameter."""
    if part == "anonymous-reports":
        return {"anonymous_reports": state}
    if part == "registrations":
        return {"registrations": state}
    if part.startswith("source:"):
        return {"sources": {part.removeprefix("source:"): state}}
    if part == "notice" and state == "off":
        return {"notice": None}
    if part == "notice" and state == "on":
        text = {code: words for code, _, words in (one.partition("=") for one in told["texts"])}
        until = clock.rfc3339(clock.now_ms() + int(told["hours"] * clock.HOUR_MS))
        return {"notice": {"level": told["level"], "text": text, "until": until}}
    raise click.BadParameter(
        f"{part!r} {state!r}: switch one of {', '.join(_PARTS)} on or off ({', '.join(LANGUAGES)})."
    )


def _show(form: dict[str, Any]) -> None:
    for name, value in form.items():
        click.echo(f"{name}: {value if isinstance(value, str | int) else json.dumps(value, ensure_ascii=False)}")
