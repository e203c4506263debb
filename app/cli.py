"""Commands for a terminal: `flask --app app.factory <command>`."""

import click
from flask import Flask

from app.accounts import registration
from app.errors import Conflict, Invalid


def register(app: Flask) -> None:
    """Add the product's commands to the app's."""
    app.cli.add_command(create_admin)


@click.command("create-admin")
@click.argument("username")
@click.password_option(help="At least 15 characters; asked for when it is not given.")
def create_admin(username: str, password: str) -> None:
    """Make an account that may do everything."""
    try:
        account = registration.register(username=username, password=password, role="admin")
    except Invalid as error:
        raise click.ClickException("\n".join(f"{m.pointer}: {m.detail}" for m in error.mistakes)) from error
    except Conflict as error:
        raise click.ClickException(error.detail) from error
    click.echo(f"Made the admin {account.username} ({account.id}).")
