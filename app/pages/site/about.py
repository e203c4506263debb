"""Pages about the service: its purpose and sources, status, privacy, accessibility; and the choice of the language."""

from typing import Any, NamedTuple
from urllib.parse import urlsplit

from flask import Response, request, url_for

from app.api import status_views
from app.core import clock, retention
from app.core.config import settings
from app.core.translations import LANGUAGES, N_
from app.feeds.ids import address
from app.gazetteer import data_credits
from app.http import cookies
from app.http.fields import parse_moment
from app.http.headers import PUBLIC_PAGE
from app.pages.frame import language, wording
from app.pages.frame.language import gettext as _
from app.pages.frame.redirects import go_to, local_path
from app.pages.frame.rendering import page
from app.warnings import source_status
from app.warnings.sources.registry import kind_of, read_sources

YEAR_S = 365 * 24 * 3600
PARTS = {
    (status_views.DATABASE, status_views.OK): (N_("Database"), N_("answers")),
    (status_views.DATABASE, status_views.DOWN): (N_("Database"), N_("does not answer")),
    (status_views.TILES, status_views.OK): (N_("Map"), N_("brought up to date")),
    (status_views.TILES, status_views.ABSENT): (N_("Map"), N_("empty: nothing was reported yet")),
    (status_views.TILES, status_views.DOWN): (N_("Map"), N_("not known while the database does not answer")),
}


class Part(NamedTuple):
    """A part of our own. `at`: the age of its data."""

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


class Issuer(NamedTuple):
    """An issuer of official warnings. `credit`: the words that its licence asks for, if any."""

    title: str
    website: str
    credit: str


class SourceTrouble(NamedTuple):
    """One problem that people should know of. `since`: the last answer."""

    text: str
    since: int | None = None
    website: str = ""
    is_broken: bool = True


def show_status() -> Response:
    """Show each part and each source in words, the worst first. A broken part is shown and is never an error."""
    health = status_views.read()
    troubles = _troubles(health)
    return page(
        "status.html",
        cache=status_views.CACHE,
        headline=_headline(health, troubles),
        troubles=troubles,
        checked=health.checked_ms,
        own=[_part(fact) for fact in health.parts],
        sources=[_source(fact) for fact in health.sources],
    )


def _headline(health: status_views.Health, troubles: list[SourceTrouble]) -> str:
    if _is_lost(health):
        return _("The database does not answer")
    broken = [trouble for trouble in troubles if trouble.is_broken]
    if len(broken) == 1:
        return _("Everything works but one source of warnings")
    if broken:
        return _("Not everything works")
    return _("Our own parts work") if troubles else _("Everything works")


def _is_lost(health: status_views.Health) -> bool:
    return any(part["state"] == status_views.DOWN for part in health.parts)


def _troubles(health: status_views.Health) -> list[SourceTrouble]:
    """List the problems that people should know of, in a sentence each. Only sources that this deployment asks."""
    if _is_lost(health):
        return [
            SourceTrouble(_("Reports and warnings can be neither read nor sent. What you write stays in your browser."))
        ]
    read_names = read_sources(settings().sources)  # also those that staff have turned off
    return [trouble for fact in health.sources if fact["name"] in read_names and (trouble := _trouble(fact))]


def _trouble(fact: status_views.Fact) -> SourceTrouble | None:
    name, fetched_ms, website = wording.source(fact["name"]), _ms(fact["fetched_at"]), _website(fact)
    if fact["state"] == status_views.OFF:
        text = _("%(source)s has been turned off here. Its warnings here may be out of date.", source=name)
        return SourceTrouble(text, fetched_ms, website, is_broken=False)
    if fact["state"] == source_status.DOWN:
        text = _("%(source)s does not answer. Its warnings here may be out of date.", source=name)
        return SourceTrouble(text, fetched_ms, website)
    if fetched_ms is None:
        text = _("%(source)s was never heard: none of its warnings are here.", source=name)
        return SourceTrouble(text, website=website, is_broken=False)
    if fact["stale"]:
        text = _("%(source)s was not heard for a while. Its warnings may be out of date.", source=name)
        return SourceTrouble(text, fetched_ms, website)
    return None


def _website(fact: status_views.Fact) -> str:
    """Return the issuer's page for people."""
    return fact["website"] or ""


def _part(fact: status_views.Fact) -> Part:
    name, words = PARTS[fact["name"], fact["state"]]
    return Part(_(name), _(words), _ms(fact.get("as_of")))


def _source(fact: status_views.Fact) -> Source:
    return Source(
        title=wording.source(fact["name"]),
        website=_website(fact),
        words=state_of(fact),
        heard=_ms(fact["fetched_at"]),
        tried=_ms(fact["tried_at"]),
        in_force=fact["in_force"],
        broken=fact["broken"],
        is_cut=fact["whole"] is False,
        reasons=fact["reasons"],
    )


def state_of(fact: status_views.Fact) -> str:
    """Return the state of a source in words."""
    if fact["state"] == status_views.OFF:
        return _("turned off")
    if fact["state"] == source_status.DOWN:
        return _("does not answer")
    if fact["state"] == source_status.UNKNOWN:
        return _("not known")
    if fact["name"] not in read_sources(settings().sources):
        return _("read once from a file")
    return _("out of date") if fact["stale"] else _("answers")


def heard_ms(fact: status_views.Fact) -> int | None:
    """Return when a source answered last; None if never."""
    return _ms(fact["fetched_at"])


def _ms(text: str | None) -> int | None:
    moment = parse_moment(text) if text else None
    return clock.to_ms(moment) if moment else None


def show_about() -> Response:
    """Show what the service is for, who runs it, and where its data come from, with their licences."""
    chosen = settings()
    return _statement(
        "about.html",
        operator=chosen.operator,
        issuers=[_issuer(name) for name in read_sources(chosen.sources)],
        places=data_credits.PLACES,
        tile_credit=chosen.tile_attribution,
        embed_address=address(url_for("pages.show_embed")),
    )


def _issuer(name: str) -> Issuer:
    kind = kind_of(name)
    return Issuer(wording.source(name), kind.website, kind.credit)


def show_privacy() -> Response:
    """Show which data of people are kept, for how long, and who sees them."""
    return _statement("privacy.html", kept=retention)


def show_accessibility() -> Response:
    """Show who can use these pages, and the known limitations."""
    return _statement("accessibility.html")


def _statement(template: str, **more: Any) -> Response:
    """Render a text that depends only on this deployment's settings."""
    chosen = settings()
    return page(
        template,
        cache=PUBLIC_PAGE,
        contact=chosen.contact,
        contact_link=_link_to(chosen.contact),
        map_hosts=[host for url in (chosen.tile_url, chosen.pmtiles_url) if (host := _host(url))],
        files_host=_host(chosen.static_url),
        region="" if chosen.is_local else chosen.region,
        **more,
    )


def _host(url: str) -> str:
    """Return `tiles.example.org` of a URL, as people know it."""
    return (urlsplit(url).hostname or "").removeprefix("{s}.")


def _link_to(contact: str) -> str:
    """Return the link of a contact; "" if it is neither a web nor a mail address."""
    if contact.startswith(("https://", "http://", "mailto:")):
        return contact
    return f"mailto:{contact}" if "@" in contact and " " not in contact else ""


def choose_language() -> Response:
    """Store the chosen language, and go back."""
    response = go_to(local_path(request.args.get("next", ""), "/"))
    tag = request.args.get("to", "")
    if tag in LANGUAGES:
        cookies.keep(response, language.COOKIE, tag, life_s=YEAR_S)
    return response
