"""`flask push-static`: copy the pages' files into a bucket, for FLOOD_STATIC_URL."""

import click

from app.aws import buckets
from app.aws.buckets import BucketFailed
from app.pages.frame import assets


@click.command("push-static")
@click.option("--bucket", required=True, help="Name of the bucket.")
@click.option("--prefix", default="", help="What their keys begin with, where FLOOD_STATIC_URL has a path.")
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
def push_static(bucket: str, prefix: str, dry_run: bool) -> None:
    """Copy the pages' files to a bucket: those that it does not have yet. Safe to repeat.

    Run it before a deployment. Nothing is ever deleted: open pages still ask for earlier files. The exit status is 1 if
    the bucket cannot be reached; files already copied stay.
    """
    folder = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    try:
        there = buckets.keys(bucket, prefix=f"{folder}static/")
        sent = [name for name in assets.names() if _send(bucket, folder, name, there=there, is_dry=dry_run)]
    except BucketFailed as failed:
        raise click.ClickException(
            f"The bucket {bucket} cannot be used: {failed}. Repeat this when it can."
        ) from failed
    old = len(assets.names()) - len(sent)
    click.echo(f"{len(sent)} files {'would be sent' if dry_run else 'sent'}, {old} were there.")


def _send(bucket: str, folder: str, name: str, *, there: set[str], is_dry: bool) -> bool:
    """Copy one file uncompressed: S3 cannot choose an encoding for the client, and CloudFront compresses itself."""
    asset, key = assets.find(name), folder + assets.path_of(name)
    if asset is None or key in there:
        return False
    click.echo(f"{key}  {len(asset.content):,} bytes")
    if not is_dry:
        buckets.put(bucket, key, asset.content, media_type=asset.media_type, cache_control=assets.FOR_EVER)
    return True
