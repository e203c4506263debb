"""`flask end-key`: end an API key that has leaked, for a person on call."""

import click

from app.accounts import key_text
from app.core.errors import Problem
from app.core.unicode_text import shown
from app.review import staff
from app.review.audit import BY_COMMAND


@click.command("end-key")
@click.argument("key")
def end_key(key: str) -> None:
    """End an API key: by the whole key as it was found, its beginning (fm_ and 16 characters), or its id (key_...).

    It is refused from the next request on. Kept in the audit.
    """
    key_id = key_text.id_of(key) if key.startswith(key_text.PREFIX) else key
    if not key_text.is_id(key_id):
        raise click.ClickException("This is no API key: a whole one, or its first 19 characters, or an id is needed.")
    try:
        ended = staff.end_key(key_id, by=BY_COMMAND)
    except Problem as problem:
        raise click.ClickException(problem.detail) from problem
    click.echo(f"Ended the key {ended.id} ({shown(ended.name, 100)}) of the account {ended.account_id}.")
