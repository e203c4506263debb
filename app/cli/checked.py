"""Check what a command was given by the API's rules."""

from typing import Any

import click
from marshmallow import Schema

from app.core.errors import Invalid
from app.http.schemas import load


def checked(schema: Schema, body: dict[str, Any]) -> dict[str, Any]:
    """Return the values of a body. Raises ClickException with every mistake."""
    try:
        return load(schema, body)
    except Invalid as problem:
        raise click.ClickException("\n".join(f"{one.place}: {one.detail}" for one in problem.mistakes)) from problem
