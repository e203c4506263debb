"""In which of our languages an answer of the API says what are our own words."""

from flask import Response, request

from app.words import LANGUAGES, SOURCE


def accepted() -> str:
    """The language of ours that `Accept-Language` asks for first."""
    return request.accept_languages.best_match(list(LANGUAGES), SOURCE) or SOURCE


def say(response: Response, language: str) -> Response:
    """Tell caches and readers in which language our words in an answer are."""
    response.headers["Content-Language"] = language
    response.vary.add("Accept-Language")
    return response
