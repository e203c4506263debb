"""`flask allow-mail`: let an address get mail again after a bounce or complaint, once its owner says that it works."""

import click

from app.core import dynamodb
from app.mail import addresses
from app.mail.suppression_models import Suppression
from app.review import audit
from app.review.audit import BY_COMMAND


@click.command("allow-mail")
@click.argument("address")
def allow_mail(address: str) -> None:
    """Let ADDRESS get mail again, to which a message came back or was unwanted. It is kept in the audit."""
    if faults := addresses.faults(address):
        raise click.ClickException(faults[0].partition("|")[2])
    hashes = addresses.all_hashes_of(address)
    if not (reason := Suppression.reason_of(hashes)):
        click.echo("This address gets mail: nothing was to do.")
        return
    row = audit.row(hashes[0], "block.ended", by=BY_COMMAND, before={"address": reason})
    with dynamodb.transaction() as transaction:
        row.put_in(transaction)
        for one in hashes:
            Suppression.lift_in(transaction, one)
    click.echo("The address gets mail again. A further bounce or complaint ends it once more.")
