"""An operator's invocation -> one of our own commands (app/cli/remote.py). No event of a service reaches it.

It runs the command once for each call: whether repeating is safe is said by the command. The log holds its name and
exit status, and nothing of its words.
"""

from typing import Any

from app.core import telemetry
from app.core.config import settings

MOST_WORDS, LONGEST_WORD = 100, 4_000


def handler(event: Any, context: Any) -> dict[str, Any]:
    """Run a command: `{"words": ["switch", "notice", "off"]}`; return its `status` and `output`.

    Raises ValueError for any other event.
    """
    words, logger = _words(event), telemetry.logger()  # made now, so that it does not write into a command's output
    from app.cli import remote  # what the commands share with the API is loaded for a call, and not for a start

    ran = remote.run(words, settings().prefix)
    name = words[0] if words[0] in remote.COMMANDS else ""
    logger.info("command run", extra={"command": name, "exit_status": ran.status})
    return {"status": ran.status, "output": ran.output}


def _words(event: Any) -> list[str]:
    words = event.get("words") if isinstance(event, dict) and event.keys() == {"words"} else None
    if not (isinstance(words, list) and 0 < len(words) <= MOST_WORDS and all(map(_is_word, words))):
        raise ValueError("This function takes the words of a command, and nothing else.")
    return words


def _is_word(word: Any) -> bool:
    return isinstance(word, str) and len(word) <= LONGEST_WORD
