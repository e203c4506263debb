"""Update the catalogues of all languages: `python -m infra.translations` finds all texts of the pages.

Compiles the catalogues, prints how many texts a language lacks, and exits 1 while there are some. Unused texts are
removed, so that a catalogue holds exactly the texts of the pages.
"""

import sys
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from app.core.translations import FOLDER, LANGUAGES, SOURCE

APP = Path(__file__).parents[1] / "app"
METHODS = [("pages/templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"pages/templates/**.html": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"}}
KEYWORDS = DEFAULT_KEYWORDS | {"N_": None}
WIDTH = 120
HEADER = "# The texts of the pages in this language. `make translations` keeps them in step with the pages."


def said() -> Catalog:
    """Return all texts of the pages, in the language of the templates."""
    texts_found = Catalog()
    texts = extract_from_dir(APP, METHODS, OPTIONS, keywords=KEYWORDS, strip_comment_tags=True)
    for _file, _line, text, _comments, context in texts:
        texts_found.add(text, context=context)
    return texts_found


def file_of(language: str) -> Path:
    """Return the path of the catalogue that people edit; the compiled one is beside it."""
    return FOLDER / language / "LC_MESSAGES" / "messages.po"


def read(language: str) -> Catalog:
    """Read a language's catalogue; an empty one for a new language."""
    file = file_of(language)
    if not file.exists():
        empty = {"version": "", "msgid_bugs_address": "", "last_translator": "", "language_team": language}
        return Catalog(language, project="FloodManager", header_comment=HEADER, fuzzy=False, **empty)
    with file.open("rb") as text:
        return read_po(text, locale=language)


def compiled(catalogue: Catalog) -> bytes:
    """Return the compiled form for the app."""
    packed = BytesIO()
    write_mo(packed, catalogue)
    return packed.getvalue()


def missing(catalogue: Catalog) -> list[Message]:
    """Return the texts without a translation, or without one of its plural forms."""
    return [
        one for one in catalogue if one.id and not all(one.string if isinstance(one.string, tuple) else [one.string])
    ]


def bring_up(language: str) -> int:
    """Add new texts, remove unused ones, and compile; return how many lack a translation."""
    catalogue = read(language)
    texts = said()
    texts.creation_date = catalogue.creation_date  # without changes the file stays the same
    catalogue.update(texts, no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    file = file_of(language)
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("wb") as text:
        write_po(text, catalogue, width=WIDTH, no_location=True, omit_header=False, sort_output=True)
    file.with_suffix(".mo").write_bytes(compiled(catalogue))
    return len(missing(catalogue))


def main() -> int:
    """Run it for every language."""
    lacking = {language: bring_up(language) for language in LANGUAGES if language != SOURCE}
    for language, number in lacking.items():
        print(f"{language}: {number} texts lack a translation in {file_of(language)}")
    return 1 if any(lacking.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
