"""Files of a local run: the database's file and address, photos, secrets, sign-ins, the position in the stream."""

import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.local.processes import LOOPBACK, ROOT, Failed

PREFIX = "floodmanager-local"
REGION = "eu-west-2"
PHOTOS_BUCKET = f"{PREFIX}-photos"
SECRET_BYTES = 48
STORE_KEY = "PHOTO_STORE_KEY"  # signs requests to the store of photos
SECRETS = ("FLOOD_SECRET", "FLOOD_ID_KEY", "FLOOD_TOTP_KEY", "FLOOD_MAIL_KEY", STORE_KEY)


@dataclass(frozen=True)
class DataFolder:
    """One folder, one database. Only one run at a time may own it."""

    path: Path

    @property
    def endpoint(self) -> Path:
        """File with the address of the running database; absent if none runs."""
        return self.path / "endpoint"

    @property
    def database(self) -> Path:
        return self.path / "dynamodb.sqlite"

    @property
    def database_log(self) -> Path:
        return self.path / "dynamodb.log"

    @property
    def stream_position(self) -> Path:
        return self.path / "stream.json"

    @property
    def sign_ins(self) -> Path:
        return self.path / "sign-ins.json"

    @property
    def demo_mark(self) -> Path:
        """File that marks that the demo was loaded into the database, and when. Its text names the demo's story.

        Earlier releases left it empty, and look only whether it is there.
        """
        return self.path / "demo-loaded"

    @property
    def mail(self) -> Path:
        """Folder with the messages that were sent: `/_local/mail` shows them."""
        return self.path / "mail"

    @property
    def photos(self) -> Path:
        """Folder with the objects of the bucket of photos, one file each."""
        return self.path / "photos"

    @property
    def photos_of_this_run(self) -> Path:
        """The same for a run that keeps nothing."""
        return self.path / "photos-of-this-run"

    @property
    def photo_port(self) -> Path:
        """File with the port of the store of photos, kept so that a form of an earlier run still leads there."""
        return self.path / "photo-port"

    @property
    def photo_tries(self) -> Path:
        """File that counts how often each waiting upload was tried."""
        return self.path / "photo-tries.json"

    @property
    def secrets(self) -> Path:
        return self.path / "secrets.env"

    def make(self) -> None:
        try:
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise Failed(
                f"The folder {self.path} cannot be made: {error.strerror}. Choose another with DATA=."
            ) from error

    @contextmanager
    def owned(self) -> Iterator[bool]:
        """Lock the folder in the block; yields False if another run holds it. The lock ends with its process."""
        try:
            lock = (self.path / "lock").open("w")
        except OSError as error:
            raise Failed(
                f"Nothing can be written in {self.path}: {error.strerror}. Choose another with DATA=."
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                yield False
                return
            yield True

    def environment(self, endpoint: str) -> dict[str, str]:
        """Return the environment of the product's processes: this database and secrets; nothing of an AWS account."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "MAKE", "MFLAGS"))}
        ours = self._secrets()
        store_key = ours.pop(STORE_KEY)
        return (
            ours
            | kept
            | self._photo_store()
            | {
                "PATH": os.pathsep.join([str(ROOT / ".venv/bin"), kept.get("PATH", os.defpath)]),
                "AWS_ENDPOINT_URL_DYNAMODB": endpoint,
                "AWS_ACCESS_KEY_ID": "local",
                "AWS_SECRET_ACCESS_KEY": store_key,  # local databases ignore it
                "AWS_REGION": REGION,
                "AWS_DEFAULT_REGION": REGION,
                "AWS_EC2_METADATA_DISABLED": "true",
                "RESOURCE_PREFIX": PREFIX,
                "NODE_NO_WARNINGS": "1",
                "SLS_TELEMETRY_DISABLED": "1",
                "PYTHONUNBUFFERED": "1",
            }
        )

    def _photo_store(self) -> dict[str, str]:
        """Return where photos are stored; nothing before the store's first start."""
        if not self.photo_port.exists():
            return {}
        port = self.photo_port.read_text(encoding="utf-8").strip()
        return {"AWS_ENDPOINT_URL_S3": f"http://{LOOPBACK}:{port}", "FLOOD_PHOTOS_BUCKET": PHOTOS_BUCKET}

    def _secrets(self) -> dict[str, str]:
        """Return the secrets, made at the first start and kept, so that sessions and report ids survive a restart.

        A folder of an earlier release gets those that it lacks.
        """
        text = self.secrets.read_text(encoding="utf-8") if self.secrets.exists() else ""
        names = [line.partition("=")[0] for line in text.split()]
        if missing := [name for name in SECRETS if name not in names]:
            text += "".join(f"{name}={secrets.token_urlsafe(SECRET_BYTES)}\n" for name in missing)
            part = self.secrets.with_suffix(".part")
            part.unlink(missing_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(text)
            part.rename(self.secrets)
        return dict(line.split("=", 1) for line in text.split())
