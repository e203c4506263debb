"""The zip that is deployed: the same bytes each time, nothing but what is meant, and it runs by itself."""

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import boto3
import botocore
import pytest

from app.pages.frame import assets
from infra import botocore_data, deployed, package, stage
from infra.local.serve_artifact import build
from infra.tables import create_tables
from infra.target import Target

ROOT = Path(__file__).parents[2]
HERE = Target.here()
# One that this interpreter cannot compile for.
OTHER = Target("3.13" if HERE.version != "3.13" else "3.12", "arm64" if HERE.architecture == "x86_64" else "x86_64")
TIMEOUT_S = 1200  # only what hangs takes so long
ALLOWED = re.compile(
    r"(app|handlers)/.+\.(py|pyc|html|css|js|svg|png|ico|webmanifest|txt|br|gz|zip|json|csv|mo)|app/.+/(LICENSE|NOTICE)"
    r"|[\w.]+/(.+/)?[\w.-]+\.(py|pyc|so|json|pem)"
    r"|(__pycache__/)?[\w.-]+\.(py|pyc|so)"
    r"|[\w.-]+\.dist-info/(METADATA|(licenses/)?(LICENSE|NOTICE|AUTHORS)[\w.]*)"
)
ANSWER = """
import importlib._bootstrap_external as loading
import importlib, json, sys
sys.path[:0] = [sys.argv[1]]
sys.dont_write_bytecode = True
compiled = []
loading.SourceLoader.source_to_code = lambda self, data, path, **_: compiled.append(path) or compile(data, path, "exec")
for name in sys.argv[3].split():
    importlib.import_module(f"handlers.{name}")
from handlers.api import handler
replies = [handler(event, None) for event in json.loads(sys.argv[2])]
files = {name: module.__file__ for name, module in sys.modules.items() if getattr(module, "__file__", None)}
told = {"statuses": [reply["statusCode"] for reply in replies], "files": files, "loaded": list(sys.modules)}
print(json.dumps(told | {"compiled": [path for path in compiled if path.startswith(sys.argv[1])]}))
"""


def run_package(root: Path, output: Path, target: Target, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the packager of the source tree `root`."""
    asked = ["--runtime", f"python{target.version}", "--architecture", target.architecture, "--output", str(output)]
    return subprocess.run(
        [sys.executable, "-m", "infra.package", *asked],
        cwd=root,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def names(packed: Path) -> list[str]:
    return zipfile.ZipFile(packed).namelist()


@pytest.fixture(scope="module")
def packed() -> Path:
    """The package for this Python on this machine, which the local gateway's tests serve too."""
    return build()


@pytest.fixture(scope="module")
def unpacked(packed: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    zipfile.ZipFile(packed).extractall(folder)
    return folder


@pytest.fixture(scope="module")
def elsewhere(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source tree as another person may have it: other dates and modes, and things left about."""
    root = tmp_path_factory.mktemp("elsewhere") / "checkout"
    for name in ("app", "handlers", "infra"):
        shutil.copytree(ROOT / name, root / name, copy_function=shutil.copyfile)
    shutil.copyfile(ROOT / "requirements.txt", root / "requirements.txt")
    (root / "app" / "reports" / "tests").mkdir()
    for name in (
        "app/reports/test_planted.py",
        "app/reports/tests/planted.py",
        "handlers/conftest.py",
        "app/.env",
        "app/a.po",
    ):
        (root / name).write_text("PLANTED = True\n", encoding="utf-8")
        (root / name).chmod(0o600)
    return root


@pytest.fixture(scope="module")
def for_other(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The package for another Python and processor, where no such Python is in reach; and what was said."""
    folder = tmp_path_factory.mktemp("other")
    nowhere = {"PATH": "", "PYENV_ROOT": str(folder), "UV_PYTHON_INSTALL_DIR": str(folder)}
    done = run_package(ROOT, folder / "function.zip", OTHER, **nowhere)
    if "error sending request" in done.stderr:
        pytest.skip("wheels for another processor were never fetched here, and there is no network")
    assert done.returncode == 0, done.stderr
    return folder / "function.zip", done.stdout


@pytest.fixture(scope="module")
def told(unpacked: Path, dynoxide_address: str) -> dict:
    """Return the unpacked zip's answers to a read, a registration and a style, without our packages on the path."""
    prefix = "floodmanager-packed"
    create_tables(boto3.client("dynamodb", endpoint_url=dynoxide_address), prefix)
    environment = {
        "AWS_ENDPOINT_URL_DYNAMODB": dynoxide_address,
        "AWS_REGION": "eu-west-2",
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing",
        "RESOURCE_PREFIX": prefix,
        "AWS_LAMBDA_FUNCTION_NAME": "api",
        "FLOOD_SECRET": os.environ["FLOOD_SECRET"],
        "FLOOD_ID_KEY": os.environ["FLOOD_ID_KEY"],
    }
    account = json.dumps({"username": "resident", "password": "a long pass-phrase of mine"})
    style = assets.address("site.css", base="")
    events = [event("GET", "/v1/reports/rep_none"), event("POST", "/v1/accounts", body=account), event("GET", style)]
    workers = " ".join(file.stem for file in (ROOT / "handlers").glob("[a-z]*.py"))
    command = [sys.executable, "-S", "-s", "-P", "-c", ANSWER, str(unpacked), json.dumps(events), workers]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


def event(method: str, path: str, *, body: str | None = None) -> dict:
    http = {"method": method, "path": path, "protocol": "HTTP/1.1", "sourceIp": "203.0.113.9"}
    headers = {"content-type": "application/json"} if body else {}
    return {"version": "2.0", "rawPath": path, "headers": headers, "requestContext": {"http": http}, "body": body}


def test_unpacked_zip_reads_and_registers_from_its_own_files_alone(told: dict, unpacked: Path) -> None:
    own_library = str(Path(os.__file__).parent)

    assert told["statuses"] == [404, 201, 200]
    strangers = {name for name, file in told["files"].items() if not file.startswith((str(unpacked), own_library))}
    assert strangers == set()


def test_static_files_lie_in_the_zip_packed_and_named_by_their_index(packed: Path) -> None:
    held = {name.removeprefix("app/pages/static") for name in names(packed) if name.startswith("app/pages/static")}

    assert {".json", "/site.css.br", "/site.css.gz", "/icon.svg"} <= held
    assert "/site.css" not in held
    assert json.loads(zipfile.ZipFile(packed).read("app/pages/static.json")).keys() == set(assets.names())


def test_unpacked_zip_compiles_nothing(told: dict) -> None:
    assert told["compiled"] == []


def test_libraries_that_nothing_deployed_imports_stay_out(packed: Path, told: dict) -> None:
    tops = {name.partition("/")[0] for name in names(packed)}
    imported = deployed.imported_names([ROOT / "app", ROOT / "handlers"])

    unused = {"boto3", "s3transfer"} - imported
    assert unused & tops == set()
    assert {"flask", "pynamodb", "botocore", "serverless_wsgi.py"} <= tops
    assert "argon2" in told["loaded"]


def test_same_bytes_come_of_another_folder_with_tests_and_secrets_about(packed: Path, elsewhere: Path) -> None:
    again = elsewhere / "build" / "function.zip"

    done = run_package(elsewhere, again, HERE)

    assert done.returncode == 0, done.stderr
    assert not any("planted" in name or "conftest" in name or name.endswith((".env", ".po")) for name in names(again))
    assert again.read_bytes() == packed.read_bytes()


def test_every_entry_is_of_a_kind_that_is_meant(packed: Path) -> None:
    assert [name for name in names(packed) if not ALLOWED.fullmatch(name)] == []
    assert [name for name in names(packed) if name.startswith(("tests/", "docs/", "infra/", "bench/"))] == []


def test_entries_are_readable_by_all_dateless_and_in_order(packed: Path) -> None:
    entries = zipfile.ZipFile(packed).infolist()

    assert {entry.external_attr >> 16 for entry in entries} == {0o100644}
    assert {entry.date_time for entry in entries} == {(1980, 1, 1, 0, 0, 0)}
    assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)


def test_byte_code_is_for_this_python_and_taken_without_looking_at_its_source(packed: Path) -> None:
    archive = zipfile.ZipFile(packed)
    compiled = [name for name in names(packed) if name.endswith(".pyc")]
    sources = [name for name in names(packed) if name.endswith(".py")]

    assert len(compiled) == len(sources)
    assert all(f".{HERE.tag}." in name for name in compiled)
    assert {archive.read(name)[4:8] for name in compiled} == {(1).to_bytes(4, "little")}  # PEP 552: unchecked


def test_sources_that_python_does_not_look_at_are_empty_and_our_own_stay(packed: Path) -> None:
    archive = zipfile.ZipFile(packed)
    sizes = {name: archive.getinfo(name).file_size for name in names(packed) if name.endswith(".py")}
    own = {name for name in sizes if name.startswith(("app/", "handlers/")) and "/compiled/" not in name}

    assert {name: archive.read(name) for name in own} == {name: (ROOT / name).read_bytes() for name in own}
    assert not any(sizes[name] for name in sizes.keys() - own)


def test_botocore_keeps_our_services_and_the_installed_one_all(packed: Path) -> None:
    services = {name.split("/")[2] for name in names(packed) if re.match(r"botocore/data/[^/]+/", name)}

    assert services == set(botocore_data.OPERATIONS)
    assert (Path(botocore.__file__).parent / "data" / "s3").is_dir()


def test_compiled_files_are_for_the_processor_asked_for(for_other: tuple[Path, str], tmp_path: Path) -> None:
    zipfile.ZipFile(for_other[0]).extractall(tmp_path)

    assert deployed.faults_of_compiled(tmp_path, OTHER) == []
    assert len(list(tmp_path.rglob("*.so"))) >= 2
    assert len(deployed.faults_of_compiled(tmp_path, HERE)) > len(list(tmp_path.rglob("*.so")))


def test_absent_interpreter_is_said_with_its_cost_and_the_way_out(for_other: tuple[Path, str]) -> None:
    packed, said = for_other

    assert [name for name in names(packed) if name.endswith(".pyc")] == []
    assert "NO BYTE CODE" in said
    assert "cold start" in said
    is_of_use = f"python{HERE.version}" not in package.WITHOUT_PHOTOS
    assert (f"FLOOD_RUNTIME=python{HERE.version}" in said) == is_of_use


def test_failed_build_leaves_the_old_zip_and_nothing_else(tmp_path: Path, elsewhere: Path) -> None:
    old = tmp_path / "function.zip"
    old.write_bytes(b"old")
    unknown = elsewhere / "app" / "notes.of-no-kind"
    unknown.touch()

    done = run_package(elsewhere, old, HERE)

    unknown.unlink()
    assert done.returncode == 1
    assert "notes.of-no-kind" in done.stderr
    assert old.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [old]


def test_zip_above_its_ceiling_is_refused(packed: Path, tmp_path: Path) -> None:
    grown = tmp_path / "grown.zip"
    grown.touch()
    os.truncate(grown, package.CEILING_BYTES + 1)

    with pytest.raises(stage.StageFailed, match="more than"):
        package.refuse_too_large(grown)
    package.refuse_too_large(packed)


@pytest.mark.parametrize("wrong", [Target("3.9", "arm64"), Target(HERE.version, "mips")], ids=str)
def test_unknown_target_is_refused_by_name(tmp_path: Path, wrong: Target) -> None:
    done = run_package(ROOT, tmp_path / "function.zip", wrong)

    assert done.returncode == 1
    assert re.search("python3.9|mips", done.stderr)
    assert list(tmp_path.iterdir()) == []


def test_chosen_interpreter_that_does_not_match_is_refused(tmp_path: Path) -> None:
    done = run_package(ROOT, tmp_path / "function.zip", OTHER, PACKAGE_PYTHON=sys.executable)

    assert done.returncode == 1
    assert "PACKAGE_PYTHON" in done.stderr


@pytest.mark.parametrize(("asked", "is_chosen"), [([], False), (["RUNTIME=python3.12", "ARCHITECTURE=arm64"], True)])
def test_make_builds_for_the_deployed_runtime_unless_another_is_asked_for(asked: list[str], is_chosen: bool) -> None:
    shown = subprocess.run(
        ["make", "-n", "package", *asked], cwd=ROOT, capture_output=True, text=True, check=True, timeout=TIMEOUT_S
    ).stdout

    assert ("--runtime" in shown, "--architecture" in shown) == (is_chosen, is_chosen)
