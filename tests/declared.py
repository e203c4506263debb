"""The functions of serverless.yml, with those that it takes from files of their own."""

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[1]
_ELSEWHERE = re.compile(r"\$\{file\((infra/\w+\.yml)\):(\w+)\}")


def functions() -> dict[str, dict[str, Any]]:
    """Return what is declared of each function, by its short name."""
    declared = yaml.safe_load((ROOT / "serverless.yml").read_text(encoding="utf-8"))["functions"]
    return {name: _written(body) for name, body in declared.items()}


def _written(body: Any) -> dict[str, Any]:
    if found := _ELSEWHERE.fullmatch(str(body)):
        body = yaml.safe_load((ROOT / found[1]).read_text(encoding="utf-8"))[found[2]]
    return dict(body)
