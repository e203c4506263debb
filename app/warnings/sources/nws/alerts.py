"""Read the alerts of the United States National Weather Service: `/alerts/active` of api.weather.gov.

Reference: the service's OpenAPI document (weather-gov/api) and "NWS CAP v1.2 documentation" (vlab.noaa.gov), read
November 2026. An alert is a CAP message as a GeoJSON feature; many have no geometry and name zones instead.
"""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from app.warnings.sources import json_text
from app.warnings.sources.flood_events import NWS_FLOOD_EVENTS
from app.warnings.sources.hazards import are_all_wanted, still_valid, with_hazard_memory, without_other_hazards
from app.warnings.sources.http_client import Fetcher
from app.warnings.sources.json_members import entries, members
from app.warnings.sources.message import Answer
from app.warnings.sources.nws.alert import Alert, NotPublic, Unreadable, read_alert
from app.warnings.sources.nws.events import newest, with_distinct_ids
from app.warnings.sources.tally import DUPLICATE, REPLACED, Tally

NAME = "nws"
ZONE = "UTC"  # all its times have an offset
MOST_PAGES = 5
_ACCEPT = "application/geo+json"


def parse(raw: bytes, *, now_ms: int) -> Answer:
    """Parse one recorded collection of alerts, or one alert."""
    reading = _AlertsReader()
    if reading.take_page(raw):
        reading.fail("the answer goes on at another page")
    return reading.answer({})


def fetch(fetcher: Fetcher, validators: Mapping[str, str], *, now_ms: int) -> Answer:
    """Fetch the alerts in force now, all pages; raises NotFetched if a page cannot be fetched."""
    validators = still_valid(validators)
    query = {"status": "actual", "message_type": "alert,update,cancel"}
    if not are_all_wanted():
        query["event"] = ",".join(NWS_FLOOD_EVENTS)
    url, reading, validators_to_keep = f"{fetcher.base}/alerts/active?{urlencode(query, safe=',')}", _AlertsReader(), {}
    for page in range(MOST_PAGES):
        fetched = fetcher.get(url, validators=validators if page == 0 else None, accept=_ACCEPT)
        if fetched.is_not_modified:
            return Answer(is_not_modified=True, validators=validators)
        url = reading.take_page(fetched.body)
        if not url:
            # The validators of a first page say nothing about a second.
            validators_to_keep = dict(fetched.validators) if page == 0 else {}
            break
    else:
        reading.fail(f"there are more than {MOST_PAGES} pages")
    return reading.answer(validators_to_keep if reading.is_whole else {})


class _AlertsReader:
    """Alerts read so far."""

    def __init__(self) -> None:
        self.alerts: dict[str, Alert] = {}
        self.named: set[str] = set()
        self.broken: list[str] = []
        self.is_whole = True
        self.tally = Tally()

    def take_page(self, raw: bytes) -> str:
        """Read one page; return the address of the next, empty if this is the last."""
        try:
            answer = members(json_text.parse(raw))
            features = _features(answer)
        except (json_text.NotJson, Unreadable) as error:
            self.fail(str(error))
            self.tally.pass_over("refused:unreadable")
            return ""
        for feature in features:
            self._take(members(feature))
        following = members(answer.get("pagination")).get("next")
        return following if isinstance(following, str) and features else ""

    def _take(self, feature: Mapping[str, Any]) -> None:
        self.tally.read += 1
        try:
            alert = read_alert(feature)
        except NotPublic as reason:
            self.tally.leave_out(f"not_public:{reason}")
        except Unreadable as error:
            self.tally.leave_out("refused:incomplete")
            self.broken.append(str(error))
            self.named |= error.named
            self.is_whole &= error.is_known
        else:
            earlier = self.alerts.get(alert.message.source_id)  # the same alert may appear twice
            self.tally.leave_out(DUPLICATE, 0 if earlier is None else 1)
            if earlier is None or alert.message.sent_at_ms > earlier.message.sent_at_ms:
                self.alerts[alert.message.source_id] = alert

    def fail(self, reason: str) -> None:
        self.broken.append(reason)
        self.is_whole = False

    def answer(self, validators: Mapping[str, str]) -> Answer:
        messages_to_take, others = without_other_hazards(alert.message for alert in self.alerts.values())
        taken_ids = {message.source_id for message in messages_to_take if not message.is_left_out}
        read = [alert for alert in self.alerts.values() if alert.message.source_id in taken_ids]
        messages = tuple(alert.message for alert in with_distinct_ids(newest(read)))
        self.tally.leave_out(REPLACED, len(read) - len(messages))
        mentioned_ids = {message.source_id for message in messages} | {message.event for message in messages}
        return Answer(
            messages,
            frozenset(self.named - mentioned_ids),
            tuple(self.broken),
            read=self.tally.read,
            left_out=self.tally.left_out + others,
            is_whole=self.is_whole and bool(messages or not self.broken),
            validators=with_hazard_memory(validators),
        )


def _features(answer: Mapping[str, Any]) -> list[Any]:
    if answer.get("type") == "Feature":
        return [answer]
    if not isinstance(answer.get("features"), list):
        raise Unreadable("this is no answer of /alerts: it has no features")
    return entries(answer["features"])
