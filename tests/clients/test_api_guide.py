"""The programs of docs/api.md, run as they stand: they file, read, and see what is filed and withdrawn meanwhile."""

import os
import re
import subprocess
from pathlib import Path

import pytest

from tests.clients.running import ROOT
from tests.local.local_run import HANGS_S, LocalRun, await_true

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
PROGRAMS = dict(re.findall(r"```(bash|python|javascript)\n(.*?)```", PAGE, re.DOTALL))
COMMANDS = {
    "bash": ("bash", "program"),
    "python": ("python3", "program"),
    "javascript": ("node", "program"),
}
MOST_LINES = 20
REPORT = {"location": {"lat": 51.3813, "lon": -2.359}, "depth_cm": 40, "title": "Filed while a program follows"}


def test_each_program_fits_in_twenty_lines() -> None:
    lines = {language: [line for line in text.splitlines() if line.strip()] for language, text in PROGRAMS.items()}

    assert lines.keys() == COMMANDS.keys()
    assert {language: len(each) for language, each in lines.items() if len(each) > MOST_LINES} == {}


@pytest.mark.parametrize("language", COMMANDS)
def test_program_files_reads_and_follows(product: LocalRun, tmp_path: Path, language: str) -> None:
    command, name = COMMANDS[language]
    program = tmp_path / f"{name}.{'mjs' if language == 'javascript' else 'txt'}"
    program.write_text(PROGRAMS[language], encoding="utf-8")
    output = tmp_path / "output"
    environment = os.environ | {"API": product.url, "EVERY_S": "1"}
    with output.open("wb") as log:
        process = subprocess.Popen([command, program], stdout=log, stderr=subprocess.STDOUT, env=environment)

    def says(words: str) -> bool:
        return words in output.read_text(encoding="utf-8")

    try:
        await_true(lambda: says("filed ") and says("read ") and says("seen "), HANGS_S, process)
        filed = re.findall(r"^filed (\S+)$", output.read_text(encoding="utf-8"), re.MULTILINE)[0]
        assert says(f"read {filed} moderate pending")
        _, other = product.request("/v1/reports", REPORT, Idempotency_Key=f"while-{language}-follows-it")
        await_true(lambda: says(f"seen {other['id']} moderate Filed while a program follows"), HANGS_S, process)
        product.request(f"/v1/reports/{other['id']}", method="DELETE", Authorization=f"Bearer {other['edit_token']}")
        await_true(lambda: says(f"gone {other['id']}"), HANGS_S, process)
    finally:
        process.kill()
        process.wait(HANGS_S)
