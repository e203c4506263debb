"""Keep the language plain: no riddles in docstrings, comments, messages and documents. CONTRIBUTING.md says why."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_house import statements_in

ROOT = Path(__file__).parents[1]
# The decisions in docs/decisions keep the words that they were made in.
DOCUMENTS = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
PARTS = ("app", "handlers", "infra", "bench", "tests")
# Strings of these are read by people: problem details, log lines, texts of commands and pages.
WITH_MESSAGES = ("app", "handlers", "infra")
# Lists of words that others use, and the demo's story.
FOREIGN_WORDS = {"app/accounts/names.py", "app/warnings/sources/flood_words.py", "app/cli/demo_scenes.py"}

OPENINGS = {
    r"What\b|How\b|Which\b|Where\b|Who\b|Whose\b": "a verb or the noun that it is about",
    r"None that\b|All that\b|That\b": "the noun that it is about",
    r"(?:Is|Are|Does|Do|Did|Has|Have|Had|May|Can|Was|Were|Should|Would|Will)\b[^.]*\?": "'Return whether ...'",
}
# Each phrase with the plain words for it.
PHRASES = {
    r"anew": "'again', or a verb such as 'rebuild' or 'fetch again'",
    r"somebody|someone": "the person or program that acts: 'another writer', 'a client', 'an operator'",
    r"nobody": "'no client', 'no account', or 'unknown' for what nobody knows",
    r"whoever": "'the caller', 'the client', 'a person who'",
    r"nought|naught": "'zero', 'nothing' or 'empty'",
    r"aught": "'anything'",
    r"let go|lets go|lets be": "'dropped', 'ignored' or 'released'",
    r"(?:is|are|was|were|been|be|can be) had": "'received', 'fetched' or 'available'",
    r"so many (?:at once|in a|of each|each)": "'at most N', with the constant's name",
    r"(?:at most|at least|after) so many": "'at most N', with the parameter's name, or 'up to a limit'",
    r"at the most": "'at most'",
    r"wherefrom|whereof|whereto|wherein|whereby|thereof|therein|thereby|hence": "a clause with 'from which' or 'so'",
    r"but for": "'except'",
    r"(?:the )?releases? before": "'the previous release'",
    r"cut loose": "'unlink'",
    r"ma[dk]es? good(?! ones)": "'repair' or 'complete'",
    r"(?:is|are|was|were) told(?! to)": "'is reported' or 'is known'",
    r"one after the other": "'in turn'",
    r"(?:it|this|that|which|what|they|these) (?:is|are|was) no (?!longer|more\b|less\b|one\b)": "'is not a ...'",
    r"of ours|of theirs": "'our', 'their', or the owner's name",
    r"in vain": "'without success', 'failed'",
    r"hinders?|hindered": "'prevents'",
    r"lately": "'recently'",
    r"frontiers?": "'low watermark'",
    r"lanes?": "'shard'",
    r"mends?|mended|mending": "'repair'",
    r"comes? of it|came of it|became of": "'result', 'outcome'",
    r"for else|of old|ere|thrice|afresh|till": "'otherwise', 'earlier', 'before', 'three times', 'again', 'until'",
}
_OPENING = {re.compile(pattern): plain for pattern, plain in OPENINGS.items()}
_PHRASE = {re.compile(rf"\b(?:{pattern})(?!\w)", re.IGNORECASE): plain for pattern, plain in PHRASES.items()}
# One look for any of them: nearly all texts have none.
_ANY_PHRASE = re.compile(rf"\b(?:{'|'.join(PHRASES)})(?!\w)", re.IGNORECASE)
_CODE = re.compile(r"`[^`]*`|\]\([^)]*\)|https?://\S+")
_Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def docstrings_of(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in (tree, *statements_in(tree)):
        if isinstance(node, _Documented) and (text := ast.get_docstring(node)):
            yield node.body[0].lineno, text


def comments_of(source: str) -> Iterator[tuple[int, str]]:
    if not any("#" in line and _ANY_PHRASE.search(line) for line in source.splitlines()):
        return  # to split all sources into tokens takes seconds
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def messages_of(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value.strip():
            yield node.lineno, node.value


def openings_in(text: str) -> Iterator[str]:
    for pattern, plain in _OPENING.items():
        if found := pattern.match(text):
            yield f"{found[0]!r}: begin with {plain}"


def phrases_in(text: str) -> Iterator[str]:
    if not _ANY_PHRASE.search(text):
        return
    for pattern, plain in _PHRASE.items():
        for found in pattern.finditer(_CODE.sub("`", text)):
            yield f"{found[0]!r}: say {plain}"


def complaints_about(file: Path) -> list[str]:
    source = file.read_text(encoding="utf-8")
    tree = ast.parse(source)
    docstrings = list(docstrings_of(tree))
    texts = [*docstrings, *comments_of(source)]
    if file.relative_to(ROOT).parts[0] in WITH_MESSAGES and str(file.relative_to(ROOT)) not in FOREIGN_WORDS:
        texts += messages_of(tree)
    found = [(line, complaint) for line, text in docstrings for complaint in openings_in(text)]
    found += [(line, complaint) for line, text in texts for complaint in phrases_in(text)]
    return [f"{file.relative_to(ROOT)}:{line}: {complaint}" for line, complaint in sorted(set(found))]


@pytest.mark.parametrize("part", PARTS)
def test_code_speaks_plainly(part: str) -> None:
    files = [file for file in sorted((ROOT / part).rglob("*.py")) if file != Path(__file__)]

    complaints = [complaint for file in files for complaint in complaints_about(file)]
    assert not complaints, "\n".join(["", *complaints])


def prose_of(document: str) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of a Markdown document, without code blocks and the words that the glossary forbids."""
    is_code, is_glossary = False, "| never" in document
    for number, line in enumerate(document.splitlines(), 1):
        if line.lstrip().startswith("```"):
            is_code = not is_code
        elif not is_code:
            yield number, line.rpartition(" | ")[0] if is_glossary and line.startswith("| ") else line


@pytest.mark.parametrize("file", DOCUMENTS, ids=lambda file: file.name)
def test_document_speaks_plainly(file: Path) -> None:
    lines = prose_of(file.read_text(encoding="utf-8"))

    complaints = [f"{file.name}:{number}: {complaint}" for number, line in lines for complaint in phrases_in(line)]
    assert not complaints, "\n".join(["", *complaints])


def remarks_of(file: Path) -> Iterator[tuple[int, str]]:
    """Yield the numbered lines of a script or a configuration file with a comment, from its sign on."""
    sign = re.compile(r"(?:^|\s)(?://|/\*|\*)\s" if file.suffix in (".js", ".css") else r"(?:^|\s)#\s")
    for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1):
        if found := sign.search(line):
            yield number, line[found.start() :]


def test_scripts_and_configuration_speak_plainly() -> None:
    static = ROOT / "app" / "pages" / "static"
    scripts = [*static.glob("*.js"), *static.glob("*.css"), *(ROOT / "infra").glob("*.js")]
    configuration = [*(ROOT / "infra").rglob("*.yml"), ROOT / "serverless.yml", ROOT / "Makefile"]

    complaints = [
        f"{file.relative_to(ROOT)}:{number}: {complaint}"
        for file in sorted([*scripts, *configuration])
        for number, remark in remarks_of(file)
        for complaint in phrases_in(remark)
    ]
    assert len(scripts) > 10
    assert not complaints, "\n".join(["", *complaints])


def test_pages_speak_plainly() -> None:
    """`Nobody` is left to the pages: `Nobody can see who sent it` is how people speak."""
    templates = sorted((ROOT / "app" / "pages" / "templates").glob("*.html"))

    complaints = [
        f"{file.name}:{number}: {complaint}"
        for file in templates
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), 1)
        for complaint in phrases_in(line)
        if "nobody" not in complaint.lower().partition(":")[0]
    ]
    assert templates
    assert not complaints, "\n".join(["", *complaints])
