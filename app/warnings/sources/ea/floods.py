"""Read the Environment Agency's flood-monitoring API (England): `/id/floods`.

Reference: https://environment.data.gov.uk/flood-monitoring/doc/reference (read November 2026, version 0.9). One item is
the state of one flood area; there is at most one for an area.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from app.core import clock
from app.warnings.sources import json_text
from app.warnings.sources.drills import said_first
from app.warnings.sources.ea.areas import AREA_ID
from app.warnings.sources.http_client import Fetcher
from app.warnings.sources.json_members import entries, line, members, text, time_ms, word
from app.warnings.sources.message import Act, Answer, EndReason, Message, Place, Text
from app.warnings.sources.tally import DUPLICATE, Tally

NAME = "ea"
# The times have no zone and the reference names none. They are read as British clock time, because the messages of the
# recording of 27 September 2026 (summer time) fit it: raised 17:25 and "updated by 1:21AM" (eight hours after it was
# written), raised 09:10 and "by 9:00AM" the next day, raised 15:56 and "by 4:00PM" the next day. Read as UTC, each
# would be an hour short, and messages would come from the future. Half the year the two are the same.
ZONE = "Europe/London"
LANGUAGE = "en-GB"

PAGE = 500  # the API's own default limit, where it has one; an answer with this many items may be truncated
MOST_PAGES = 10
LEVEL_ENDED = 4


@dataclass(frozen=True, slots=True)
class Level:
    """One row of the table of levels."""

    label: str
    severity: str
    urgency: str
    certainty: str


# The issuer's severityLevel -> ours. The meaning of a level is from the reference, "Flood warnings", read November
# 2026; its CAP severity is our decision 7, in line with DEFRA's own CAP feed (cap-xml, v2MessageMapping, 2026), which
# says Extreme and Severe for levels 1 and 2 and Minor for 3. Urgency and certainty follow the words quoted here.
# Beware: the Flood Warning Service's own API counts the other way round (3 is a severe flood warning).
LEVELS = {
    1: Level("Severe Flood Warning", "extreme", "immediate", "likely"),  # "Severe flooding, danger to life"
    2: Level("Flood Warning", "severe", "immediate", "likely"),  # "Flooding is expected, immediate action required"
    3: Level("Flood Alert", "moderate", "expected", "possible"),  # "Flooding is possible, be prepared"
    LEVEL_ENDED: Level("Warning no Longer in Force", "minor", "past", "unknown"),
}
_LEVEL_OF_LABEL = {level.label.lower(): number for number, level in LEVELS.items()}


class Unreadable(ValueError):
    """Error: the item lacks required members. `area` is the area that it names, or empty."""

    def __init__(self, reason: str, area: str = "") -> None:
        super().__init__(reason)
        self.area = area


@dataclass(slots=True)
class _FloodsReader:
    """Messages read so far, the newest one for each area."""

    messages: dict[str, Message] = field(default_factory=dict)
    unchanged: set[str] = field(default_factory=set)
    broken: list[str] = field(default_factory=list)
    is_whole: bool = True
    tally: Tally = field(default_factory=Tally)

    def take(self, items: Iterable[Any]) -> None:
        for item in items:
            self.tally.read += 1
            try:
                self._keep(_message(members(item)))
            except Unreadable as error:
                self.tally.leave_out("refused:incomplete")
                self.broken.append(str(error))
                self.unchanged |= {error.area} - {""}
                self.is_whole &= bool(error.area)

    def _keep(self, message: Message) -> None:
        """Keep the newest message of an area, which may appear twice because pages may shift while they are read."""
        earlier = self.messages.get(message.event)
        self.tally.leave_out(DUPLICATE, 0 if earlier is None else 1)
        if earlier is None or _precedence(message) > _precedence(earlier):
            self.messages[message.event] = message

    def fail(self, reason: str) -> None:
        self.broken.append(reason)
        self.is_whole = False

    def answer(self, validators: Mapping[str, str]) -> Answer:
        unchanged = frozenset(self.unchanged - set(self.messages))
        messages = tuple(self.messages.values())
        is_whole = self.is_whole and bool(messages or not self.broken)
        return Answer(
            messages,
            unchanged,
            tuple(self.broken),
            read=self.tally.read,
            left_out=self.tally.left_out,
            is_whole=is_whole,
            validators=validators,
        )


def _precedence(message: Message) -> tuple[int, bool, str]:
    return message.sent_at_ms, message.act is Act.HOLD, message.source_id


def parse(raw: bytes, *, now_ms: int) -> Answer:
    """Parse one recorded answer of `/id/floods` or `/id/floods/<id>`."""
    gathered = _FloodsReader()
    items, limit = _page(gathered, raw)
    if limit is not None and len(items) >= limit:
        gathered.fail(f"the answer is cut off at {limit} items")
    return gathered.answer({})


def fetch(fetcher: Fetcher, validators: Mapping[str, str], *, now_ms: int) -> Answer:
    """Fetch what is in force now, all pages; raises NotFetched if a page cannot be fetched."""
    gathered, validators_to_keep, query, read = _FloodsReader(), {}, "", 0
    for page in range(MOST_PAGES):
        url = f"{fetcher.base}/id/floods{query}"
        fetched = fetcher.get(url, validators=validators if page == 0 else None, accept="application/json")
        if fetched.is_not_modified:
            return Answer(is_not_modified=True, validators=validators)
        items, limit = _page(gathered, fetched.body)
        if len(items) < (limit or PAGE):
            # The ETag of a first page says nothing about a second page.
            validators_to_keep = dict(fetched.validators) if page == 0 else {}
            break
        read += len(items)
        query = f"?_limit={len(items)}&_offset={read}"
    else:
        gathered.fail(f"there are more than {MOST_PAGES} pages")
    return gathered.answer(validators_to_keep if gathered.is_whole else {})


def _page(gathered: _FloodsReader, raw: bytes) -> tuple[list[Any], int | None]:
    """Read one page; return its items (empty if unreadable) and the limit that it names."""
    try:
        items, limit = _items(json_text.parse(raw))
    except (json_text.NotJson, Unreadable) as error:
        gathered.fail(str(error))
        gathered.tally.pass_over("refused:unreadable")
        return [], None
    gathered.take(items)
    return items, limit


def _items(answer: Any) -> tuple[list[Any], int | None]:
    """Return the items, and the limit if one was set. A single resource has an object instead of a list."""
    body = members(answer)
    if "items" not in body:
        if "floods" in body or "warnings" in body:
            raise Unreadable(
                "this is the Flood Warning Service's own format, whose severities count the other way round"
            )
        raise Unreadable("this is no answer of /id/floods: it has no items")
    if body["items"] is None:
        raise Unreadable("the answer's items are null")  # which does not say that there are none
    limit = members(body.get("meta")).get("limit")
    is_limit = isinstance(limit, int) and not isinstance(limit, bool) and limit > 0
    return entries(body["items"]), limit if is_limit else None


def _message(item: Mapping[str, Any]) -> Message:
    area_id = _area_id(item)
    level, label = _level(item, area_id)
    sent = _sent(item, area_id)
    name = line(item.get("description")) or line(members(item.get("floodArea")).get("label")) or area_id
    # timeRaised changes with every review of a message, so it cannot identify a warning; the area can.
    return Message(
        source_id=f"{area_id}/{clock.rfc3339(sent)}/{level}",
        event=area_id,
        replaces=(),
        act=Act.END if level == LEVEL_ENDED else Act.HOLD,
        end_reason=EndReason.ALL_CLEAR if level == LEVEL_ENDED else None,
        severity=LEVELS[level].severity,
        urgency=LEVELS[level].urgency,
        certainty=LEVELS[level].certainty,
        texts=(said_first(Text(LANGUAGE, label, headline=name, description=text(item.get("message")))),),
        places=(Place(area_id, ((area_id, name),), zones=(area_id,)),),
        sent_at_ms=sent,
        zone=ZONE,
    )


def _area_id(item: Mapping[str, Any]) -> str:
    area = item.get("floodArea")
    notation = line(item.get("floodAreaID")) or line(members(area).get("notation"))
    code = notation or line(members(area).get("@id") or area).rpartition("/")[2]
    if not AREA_ID.fullmatch(code):
        raise Unreadable(f"an item names no flood area ({json_text.shown(item.get('@id'))})")
    return code


def _level(item: Mapping[str, Any], area_id: str) -> tuple[int, str]:
    """Return the level and the issuer's word for it.

    Level 4 is over, whatever the word beside it says. If number and word differ otherwise, the graver one counts: a
    word alone never ends a warning that its number keeps in force.
    """
    label = line(item.get("severity"))
    number, level_of_label = _number(item.get("severityLevel")), _LEVEL_OF_LABEL.get(label.lower())
    levels = [level for level in (number, level_of_label) if level is not None]
    if not levels:
        description = f"{json_text.shown(item.get('severityLevel'))}, {json_text.shown(label)}"
        raise Unreadable(f"{area_id} has a severity that is not known ({description})", area_id)
    level = LEVEL_ENDED if number == LEVEL_ENDED else min(levels)
    is_contradicted = level == LEVEL_ENDED and level_of_label not in (LEVEL_ENDED, None)
    return level, LEVELS[level].label if is_contradicted or not label else label


def _number(value: Any) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    return next((level for level in LEVELS if value == level or word(value) == str(level)), None)


def _sent(item: Mapping[str, Any], area_id: str) -> int:
    """Return the newest of the item's times."""
    names = ("timeRaised", "timeMessageChanged", "timeSeverityChanged")
    times_ms = [at for name in names if (at := time_ms(item.get(name), ahead=ahead_in_britain)) is not None]
    if not times_ms:
        raise Unreadable(f"{area_id} has no time that can be read ({json_text.shown(item.get('timeRaised'))})", area_id)
    return max(times_ms)


def ahead_in_britain(clock_time: datetime) -> timedelta:
    """Return the UTC offset of British clock time: one hour from 01:00 UTC on the last Sunday of March to October's.

    The Summer Time Order 2002. By rule, since not every Lambda runtime has the time zone database. The hour that occurs
    twice in October counts as the first one, so that no message comes from the future.
    """
    begins = _last_sunday(clock_time.year, 3) + timedelta(hours=1)
    ends = _last_sunday(clock_time.year, 10) + timedelta(hours=2)
    return timedelta(hours=1) if begins <= clock_time < ends else timedelta()


def _last_sunday(year: int, month: int) -> datetime:
    last = datetime(year, month, 31)  # noqa: DTZ001 - British clock time
    return last - timedelta(days=(last.weekday() + 1) % 7)
