"""`flask push-static`: copy the pages' files and the map file into a bucket (FLOOD_STATIC_URL, FLOOD_PMTILES_URL)."""

from hashlib import file_digest
from pathlib import Path

import click

from app.aws import buckets
from app.aws.buckets import BucketFailed
from app.geo.pmtiles import SIGNATURE
from app.pages.frame import assets
from app.pages.site.map_file import MEDIA_TYPE

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
_DIGEST_CHARACTERS = 16


@click.command("push-static")
@click.option("--bucket", required=True, help="Name of the bucket.")
@click.option("--prefix", default="", help="What their keys begin with, where FLOOD_STATIC_URL has a path.")
@click.option(
    "--map", "map_file", type=_FILE, help="A map file (PMTiles), sent too; says what FLOOD_PMTILES_URL is then."
)
@click.option("--dry-run", is_flag=True, help="Say what would be sent, and send nothing.")
def push_static(bucket: str, prefix: str, map_file: Path | None, dry_run: bool) -> None:
    """Copy the pages' files to a bucket: those that it does not have yet. Safe to repeat.

    Run it before a deployment. Nothing is ever deleted: open pages still ask for earlier files. The exit status is 1 if
    the bucket cannot be reached; files already copied stay.
    """
    folder = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    try:
        there = buckets.keys(bucket, prefix=f"{folder}static/")
        sent = [name for name in assets.names() if _send(bucket, folder, name, there=there, is_dry=dry_run)]
        map_key = _send_map(bucket, folder, map_file, is_dry=dry_run) if map_file else ""
    except BucketFailed as failed:
        raise click.ClickException(
            f"The bucket {bucket} cannot be used: {failed}. Repeat this when it can."
        ) from failed
    old = len(assets.names()) - len(sent)
    click.echo(f"{len(sent)} files {'would be sent' if dry_run else 'sent'}, {old} were there.")
    if map_key:
        click.echo(f"FLOOD_PMTILES_URL: the bucket's address, then /{map_key}")


def _send_map(bucket: str, folder: str, file: Path, *, is_dry: bool) -> str:
    """Copy a map file unless it is there; return its key, which is another one for other content."""
    with file.open("rb") as content:
        if content.read(len(SIGNATURE)) != SIGNATURE:
            raise click.ClickException(f"{file} is no PMTiles file of version 3. No map was sent.")
        content.seek(0)
        digest = file_digest(content, "sha256").hexdigest()[:_DIGEST_CHARACTERS]
        key = f"{folder}map/{digest}.pmtiles"
        if key not in buckets.keys(bucket, prefix=key):
            click.echo(f"{key}  {file.stat().st_size:,} bytes")
            content.seek(0)
            if not is_dry:
                buckets.put(bucket, key, content, media_type=MEDIA_TYPE, cache_control=assets.FOR_EVER)
    return key


def _send(bucket: str, folder: str, name: str, *, there: set[str], is_dry: bool) -> bool:
    """Copy one file uncompressed: S3 cannot choose an encoding for the client, and CloudFront compresses itself."""
    asset, key = assets.find(name), folder + assets.path_of(name)
    if asset is None or key in there:
        return False
    click.echo(f"{key}  {len(asset.content):,} bytes")
    if not is_dry:
        buckets.put(bucket, key, asset.content, media_type=asset.media_type, cache_control=assets.FOR_EVER)
    return True
