"""The frame of these tests: environments that are there, a product that is full, and skips that are noticed."""

import pytest

from tests.clients import running
from tests.clients.running import ROOT
from tests.local.local_run import LocalRun

pytest_plugins = ["pytester"]


def test_product_has_reports_and_warnings(product: LocalRun) -> None:
    for noun in ("reports", "warnings"):
        status, listed = product.request(f"/v1/{noun}?limit=1")
        assert (status, len(listed["items"])) == (200, 1), noun


def test_clients_of_both_languages_run() -> None:
    assert "6.0" in running.python("import feedparser; print(feedparser.__version__)")
    assert "function" in running.node("import * as all from 'feedsmith'; console.log(typeof all.parseFeed)")


def test_failing_client_fails_the_test_in_its_own_words() -> None:
    with pytest.raises(running.Failed, match="no such feed"):
        running.python("raise SystemExit('no such feed')")


SKIPPING = {
    "test_part": "import pytest\n\ndef test_part() -> None:\n    pytest.skip('no such client')\n",
    "test_whole": "import pytest\n\npytest.skip('no such client', allow_module_level=True)\n",
}


@pytest.mark.parametrize("name", SKIPPING)
def test_skip_without_a_reason_is_a_failure(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    pytester.makeconftest((ROOT / "tests" / "clients" / "conftest.py").read_text(encoding="utf-8"))
    pytester.makepyfile(**{name: SKIPPING[name]})
    monkeypatch.setenv("PYTHONPATH", str(ROOT))

    ran = pytester.runpytest_subprocess("-p", "no:cacheprovider")

    assert ran.ret != 0
    ran.stdout.fnmatch_lines(["*not listed in MAY_BE_SKIPPED*no such client*"])
