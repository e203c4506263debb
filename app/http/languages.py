"""Language of our own words in an answer of the API."""

from flask import Response, request

from app.core.translations import LANGUAGES, SOURCE


def accepted() -> str:
    """Return the first supported language of `Accept-Language`."""
    requested_languages = (tag.lower().partition("-")[0] for tag, quality in request.accept_languages if quality > 0)
    return next((language for language in requested_languages if language in LANGUAGES), SOURCE)


def say(response: Response, language: str) -> Response:
    """Set Content-Language and Vary for the language of our words in an answer."""
    response.headers["Content-Language"] = language
    response.vary.add("Accept-Language")
    return response
