"""Words for people that stand far from the pages which translate them."""


def N_(text: str) -> str:  # noqa: N802 - gettext's own name for it, which its tools look for
    """Mark a text for translation; it stays as it is."""
    return text
