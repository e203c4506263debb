"""Pages about the service: how it does, what it keeps of people, who can use it; and in which language it speaks."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import Response, request

from app import clock
from app.clients.sources import read_sources
from app.config import settings
from app.gazetteer import data_credits
from app.http.fields import parse_moment
from app.http.headers import PUBLIC_DOCUMENT
from app.ops import health
from app.warnings import states
from app.web import language, wording
from app.web.addresses import go_to, local_path
from app.web.language import gettext as _
from app.web.rendering import page
from app.words import N_

YEAR_S = 365 * 24 * 3600
PARTS = {
    (health.DATABASE, health.OK): (N_("Database"), N_("answers")),
    (health.DATABASE, health.DOWN): (N_("Database"), N_("does not answer")),
    (health.TILES, health.OK): (N_("Map"), N_("brought up to date")),
    (health.TILES, health.ABSENT): (N_("Map"), N_("empty: nothing was reported yet")),
    (health.TILES, health.DOWN): (N_("Map"), N_("not known while the database does not answer")),
}


class Part(NamedTuple):
    """A part of our own. `at`: how far its knowledge reaches."""

    name: str
    words: str
    at: int | None


class Source(NamedTuple):
    """A source of official warnings."""

    title: str
    website: str
    words: str
    heard: int | None
    tried: int | None
    in_force: int | None
    broken: int
    is_cut: bool
    reasons: list[str]


class Trouble(NamedTuple):
    """One thing that people should know of. `since`: when it was last heard."""

    text: str
    since: int | None = None
    website: str = ""
    is_broken: bool = True


def show_status() -> Response:
    """Each part and each source in words, the worst at the top. What is broken is told, never an error."""
    found = health.read()
    troubles = _troubles(found)
    return page(
        "status.html",
        cache=health.CACHE,
        headline=_headline(found, troubles),
        troubles=troubles,
        checked=found.checked_ms,
        own=[_part(fact) for fact in found.parts],
        sources=[_source(fact) for fact in found.sources],
    )


def _headline(found: health.Health, troubles: list[Trouble]) -> str:
    if _is_lost(found):
        return _("The database does not answer")
    broken = [trouble for trouble in troubles if trouble.is_broken]
    if len(broken) == 1:
        return _("Everything works but one source of warnings")
    if broken:
        return _("Not everything works")
    return _("Our own parts work") if troubles else _("Everything works")


def _is_lost(found: health.Health) -> bool:
    return any(part["state"] == health.DOWN for part in found.parts)


def _troubles(found: health.Health) -> list[Trouble]:
    """What people should know of, in a sentence each. Of sources only those that this deployment asks by itself."""
    if _is_lost(found):
        return [Trouble(_("Reports and warnings can be neither read nor sent. What you write stays in your browser."))]
    asked = read_sources(settings().sources)
    return [trouble for fact in found.sources if fact["name"] in asked and (trouble := _trouble(fact))]


def _trouble(fact: health.Fact) -> Trouble | None:
    name, heard, website = wording.source(fact["name"]), _ms(fact["fetched_at"]), _website(fact)
    if fact["state"] == states.DOWN:
        text = _("%(source)s does not answer. Its warnings here may be out of date.", source=name)
        return Trouble(text, heard, website)
    if heard is None:
        text = _("%(source)s was never heard: none of its warnings are here.", source=name)
        return Trouble(text, website=website, is_broken=False)
    if fact["stale"]:
        text = _("%(source)s was not heard for a while. Its warnings may be out of date.", source=name)
        return Trouble(text, heard, website)
    return None


def _website(fact: health.Fact) -> str:
    """Where people read a source's own word."""
    return fact["website"] or ""


def _part(fact: health.Fact) -> Part:
    name, words = PARTS[fact["name"], fact["state"]]
    return Part(_(name), _(words), _ms(fact.get("as_of")))


def _source(fact: health.Fact) -> Source:
    return Source(
        title=wording.source(fact["name"]),
        website=_website(fact),
        words=_state_of(fact),
        heard=_ms(fact["fetched_at"]),
        tried=_ms(fact["tried_at"]),
        in_force=fact["in_force"],
        broken=fact["broken"],
        is_cut=fact["whole"] is False,
        reasons=fact["reasons"],
    )


def _state_of(fact: health.Fact) -> str:
    if fact["state"] == states.DOWN:
        return _("does not answer")
    if fact["state"] == states.UNKNOWN:
        return _("not known")
    if fact["name"] not in read_sources(settings().sources):
        return _("read once from a file")
    return _("out of date") if fact["stale"] else _("answers")


def _ms(text: str | None) -> int | None:
    moment = parse_moment(text) if text else None
    return clock.to_ms(moment) if moment else None


def show_privacy() -> Response:
    """What is kept of people, for how long, and who sees it."""
    return _statement("privacy.html", place_credits=data_credits.LINES)


def show_accessibility() -> Response:
    """Who can use these pages and how, and what is known not to work."""
    return _statement("accessibility.html")


def _statement(template: str, **more: Any) -> Response:
    """A text that changes with this deployment's settings alone."""
    chosen = settings()
    return page(
        template,
        cache=PUBLIC_DOCUMENT,
        contact=chosen.contact,
        contact_link=_link_to(chosen.contact),
        map_hosts=[host for url in (chosen.tile_url, chosen.pmtiles_url) if (host := _host(url))],
        files_host=_host(chosen.static_url),
        region="" if chosen.is_local else chosen.region,
        **more,
    )


def _host(url: str) -> str:
    """`tiles.example.org`, for people to know it by."""
    return (urlsplit(url).hostname or "").removeprefix("{s}.")


def _link_to(contact: str) -> str:
    """What a press on the contact opens; nothing where it is neither an address of the web nor one of mail."""
    if contact.startswith(("https://", "http://", "mailto:")):
        return contact
    return f"mailto:{contact}" if "@" in contact and " " not in contact else ""


def choose_language() -> Response:
    """Remember a language that the pages have, and go back."""
    response = go_to(local_path(request.args.get("next", ""), "/"))
    wanted = request.args.get("to", "")
    if wanted in language.LANGUAGES:
        secure = not settings().is_local
        response.set_cookie(
            language.COOKIE, wanted, max_age=YEAR_S, path="/", secure=secure, httponly=True, samesite="Lax"
        )
    return response
