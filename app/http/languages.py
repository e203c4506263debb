"""In which of our languages an answer of the API says what are our own words."""

from flask import Response, request

from app.core.translations import LANGUAGES, SOURCE


def accepted() -> str:
    """The language of ours that `Accept-Language` asks for first."""
    asked = (tag.lower().partition("-")[0] for tag, quality in request.accept_languages if quality > 0)
    return next((language for language in asked if language in LANGUAGES), SOURCE)


def say(response: Response, language: str) -> Response:
    """Tell caches and readers in which language our words in an answer are."""
    response.headers["Content-Language"] = language
    response.vary.add("Accept-Language")
    return response
