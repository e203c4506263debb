"""A feed of CAP: as a file, and over the wire from a host on loopback."""

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.warnings.sources.cap import feed as cap_feed
from app.warnings.sources.cap.gather import MOST_ENTRIES
from app.warnings.sources.http_client import Fetcher, NotFetched
from app.warnings.sources.message import Act, Answer
from app.warnings.sources.registry import read_sources
from tests.rig.upstream import Asked, Reply, Upstream

SAMPLES = Path(__file__).parents[4] / "samples" / "cap"
FIRST = (SAMPLES / "river-two-languages.cap.xml").read_bytes()
SECOND = (SAMPLES / "river-update-partly-over.cap.xml").read_bytes()
RIVER_1, RIVER_2 = "floods@rivers.example,river-1", "floods@rivers.example,river-2"
NOW = 1_770_120_000_000


def parse(raw: bytes) -> Answer:
    return cap_feed.parse(raw, now_ms=NOW)


def recorded(shared_data: Path, name: str) -> Answer:
    return parse((shared_data / name).read_bytes())


def index(*entries: tuple[str, str, str]) -> bytes:
    """An Atom index of (id, updated, link)."""
    listed = "".join(
        f"<entry><id>{name}</id><updated>{updated}</updated><link href='{link}'/></entry>"
        for name, updated, link in entries
    )
    return f"<feed xmlns='http://www.w3.org/2005/Atom'>{listed}</feed>".encode()


class Feed:
    """The host's content under each path, and the number of requests for each."""

    def __init__(self, **bodies: bytes) -> None:
        self.bodies = bodies
        self.etag = ""

    def answer(self, asked: Asked) -> Reply:
        name = asked.path.strip("/")
        if name == "index" and self.etag and asked.headers.get("If-None-Match") == self.etag:
            return Reply(status=304)
        if name not in self.bodies:
            return Reply(status=404)
        return Reply(self.bodies[name], headers={"ETag": self.etag} if name == "index" and self.etag else {})


@pytest.fixture
def ask() -> Callable[..., tuple[Answer, list[str]]]:
    """Ask a feed once, on a host of its own; also tells which paths were asked for."""

    def asked(feed: Feed, *, known: Answer | None = None, budget_s: float = 20.0) -> tuple[Answer, list[str]]:
        with Upstream(feed.answer) as host, Fetcher(f"{host.address}/index") as fetcher:
            validators = known.validators if known else {}
            answer = cap_feed.fetch(fetcher, validators, now_ms=NOW, budget_s=budget_s)
            return answer, [one.path for one in host.asked]

    return asked


Ask = Callable[..., tuple[Answer, list[str]]]
BOTH = index(("1", "06:30", "first"), ("2", "10:00", "/second"))


def test_single_document_is_the_whole_answer() -> None:
    answer = parse(FIRST)

    assert [one.source_id for one in answer.messages] == [RIVER_1]
    assert (answer.is_whole, answer.broken) == (True, ())


def test_several_documents_in_one_file_come_oldest_first() -> None:
    answer = parse(SECOND + b"\n" + FIRST)

    assert [one.source_id for one in answer.messages] == [RIVER_1, RIVER_2, RIVER_2, RIVER_2]


def test_envelope_gives_its_real_alerts_only() -> None:
    answer = parse((SAMPLES / "envelope.edxl.xml").read_bytes())

    assert [(one.source_id, one.texts[0].language) for one in answer.messages] == [
        ("harbour@coast.example,inner-1", "en-US")
    ]
    assert answer.is_whole


def test_malformed_reference_is_counted_and_the_message_kept() -> None:
    answer = parse(SECOND)

    assert answer.broken == ("river-2: 1 references cannot be read",)
    assert answer.is_whole and len(answer.messages) == 3


def test_broken_alert_never_loses_the_rest() -> None:
    answer = parse(FIRST + b"<alert><identifier>broken</identifier></alert>" + SECOND)

    assert len(answer.messages) == 4
    assert not answer.is_whole
    assert any("no <sent>, <status>, <msgType>" in one for one in answer.broken)


def test_alert_that_comes_twice_counts_once_as_last_sent() -> None:
    later = FIRST.replace(b"06:30:00+01:00", b"06:45:00+01:00").replace(b"Severe", b"Extreme")

    assert [one.severity for one in parse(later + FIRST).messages] == ["extreme"]


def test_index_as_a_file_opens_no_connection_and_counts_what_it_only_links_to(shared_data: Path) -> None:
    answer = recorded(shared_data, "cap/feeds/sweden.atom")

    assert (answer.messages, answer.is_whole, len(answer.broken)) == ((), False, 4)
    assert answer.broken[0].endswith("only a link to its alert")


@pytest.mark.usefixtures("all_hazards")
def test_index_that_repeats_its_alerts_is_read_as_a_file(shared_data: Path) -> None:
    advisory, warning = recorded(shared_data, "nws/cap-atom-us-nws.atom").messages

    assert (advisory.texts[0].label, advisory.severity, warning.severity) == ("Wind Advisory", "minor", "severe")
    assert len(advisory.places[0].zones) == 31 and advisory.places[0].zones[0] == "NMZ501"


@pytest.mark.usefixtures("all_hazards")
def test_alert_embedded_in_an_entry_needs_no_link(ask: Ask, shared_data: Path) -> None:
    raw = (shared_data / "cap" / "feeds" / "amber.atom").read_bytes()
    answer, paths = ask(Feed(index=raw))

    assert paths == ["/index"]
    assert [one.source_id for one in answer.messages] == ["KARO@CLETS.DOJ.DC.GOV,http://doj.dc.gov/amber12345"]
    assert answer.is_whole and answer.messages == parse(raw).messages


def test_entry_with_neither_alert_nor_link_is_counted(ask: Ask, shared_data: Path) -> None:
    answer, _ = ask(Feed(index=(shared_data / "cap" / "feeds" / "no_id.atom").read_bytes()))

    assert (answer.messages, answer.is_whole) == ((), False)
    assert answer.broken == ("an entry: it has neither an alert nor a link to one",)


def test_index_without_entries_is_whole(shared_data: Path) -> None:
    assert recorded(shared_data, "cap/feeds/empty_weather_index.atom") == Answer()


def test_other_feeds_and_hostile_files_give_reasons_and_no_messages(shared_data: Path) -> None:
    feeds = [*(shared_data / "feeds").iterdir(), *(shared_data / "cap" / "feeds").glob("[n-p]*.*")]
    hostile = [file for kind in ("xml", "json", "images") for file in (shared_data / "hostile" / kind).iterdir()]

    answers = {file.name: parse(file.read_bytes()) for file in (*feeds, *hostile)}

    assert len(answers) > 100
    assert [name for name, answer in answers.items() if answer.messages or answer.is_whole or not answer.broken] == []


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, len(SECOND)),
    st.integers(0, 80),
    st.sampled_from([b"", b"<", b"&", b"9" * 400, b"\xff", b"nan,", b"-->"]),
)
def test_damaged_file_is_read_or_counted_but_never_fails(start: int, length: int, put: bytes) -> None:
    answer = parse(SECOND[:start] + put + SECOND[start + length :])

    assert all(one.source_id and one.sent_at_ms > 0 for one in answer.messages)
    assert all(len(one) <= 300 for one in answer.broken)
    assert answer.read == answer.taken + answer.ended + sum(answer.left_out.values())


def test_links_are_followed(ask: Ask) -> None:
    answer, paths = ask(Feed(index=BOTH, first=FIRST, second=SECOND))

    assert paths == ["/index", "/first", "/second"]
    assert [one.source_id for one in answer.messages] == [RIVER_1, RIVER_2, RIVER_2, RIVER_2]
    assert answer.is_whole


def test_document_at_the_feeds_own_address_needs_no_index(ask: Ask) -> None:
    answer, paths = ask(Feed(index=FIRST))

    assert (len(answer.messages), answer.is_whole, paths) == (1, True, ["/index"])


def test_what_has_been_read_is_not_read_again_and_counts_as_unchanged(ask: Ask) -> None:
    feed = Feed(index=BOTH, first=FIRST, second=SECOND)
    before, _ = ask(feed)

    after, paths = ask(feed, known=before)

    assert paths == ["/index"]
    assert (after.messages, after.unchanged, after.is_whole) == ((), {RIVER_1, RIVER_2}, True)
    assert after.validators == before.validators


def test_entry_with_another_time_is_read_again(ask: Ask) -> None:
    feed = Feed(index=BOTH, first=FIRST, second=SECOND)
    before, _ = ask(feed)
    feed.bodies["index"] = index(("1", "06:30", "first"), ("2", "10:01", "/second"))

    after, paths = ask(feed, known=before)

    assert paths == ["/index", "/second"]
    assert ({one.source_id for one in after.messages}, after.unchanged) == ({RIVER_2}, {RIVER_1})


def test_every_entry_is_accounted_for_first_and_later(ask: Ask) -> None:
    entries = [("urn:1", "t1", "first"), ("urn:2", "t1", "second"), ("urn:3", "t1", "away"), ("urn:4", "t1", "")]
    feed = Feed(index=index(*entries), first=FIRST, second=SECOND)

    first, _ = ask(feed)
    later, _ = ask(feed, known=first)

    assert (first.read, first.taken, first.ended) == (4, 2, 0)
    assert first.left_out == {"refused:not_had": 1, "refused:no_alert": 1}
    assert (later.read, later.taken, later.ended) == (4, 0, 0)
    assert later.left_out == {"unchanged": 2, "refused:not_had": 1, "refused:no_alert": 1}


def test_alerts_in_one_file_that_come_twice_are_duplicates_and_what_was_replaced_before_is_told() -> None:
    answer = parse(FIRST + FIRST + SECOND)

    assert (answer.read, answer.taken, answer.left_out) == (3, 2, {"duplicate": 1})


def test_what_was_read_for_floods_alone_is_read_anew_where_all_hazards_are_wanted(
    ask: Ask, request: pytest.FixtureRequest
) -> None:
    feed = Feed(index=index(("urn:1", "t1", "first")), first=FIRST)
    feed.etag = '"1"'
    before, _ = ask(feed)

    request.getfixturevalue("all_hazards")
    after, paths = ask(feed, known=before)

    assert (after.is_not_modified, paths[-2:]) == (False, ["/index", "/first"])


def test_entry_that_is_gone_is_forgotten(ask: Ask) -> None:
    feed = Feed(index=BOTH, first=FIRST, second=SECOND)
    before, _ = ask(feed)
    feed.bodies["index"] = index(("2", "10:00", "second"))

    after, _ = ask(feed, known=before)

    assert (after.unchanged, after.is_whole, len(after.validators)) == ({RIVER_2}, True, 1)


def test_entry_without_a_time_is_read_every_time(ask: Ask) -> None:
    feed = Feed(index=index(("1", "", "first")), first=FIRST)
    before, _ = ask(feed)

    after, paths = ask(feed, known=before)

    assert paths == ["/index", "/first"]
    assert after == before


def test_index_that_has_not_changed_is_not_modified(ask: Ask) -> None:
    feed = Feed(index=BOTH, first=FIRST, second=SECOND)
    feed.etag = '"1"'
    before, _ = ask(feed)

    after, _ = ask(feed, known=before)

    assert (after.is_not_modified, after.validators) == (True, before.validators)


def test_cancelled_alert_does_not_come_back_when_it_is_read_after_its_cancellation(ask: Ask) -> None:
    feed = Feed(index=BOTH, second=SECOND.replace(b"Update", b"Cancel"))
    before, _ = ask(feed)
    feed.bodies["first"] = FIRST

    after, paths = ask(feed, known=before)

    assert paths == ["/index", "/first"]
    assert (after.messages, after.unchanged, after.is_whole) == ((), {RIVER_1, RIVER_2}, True)


def test_missing_document_is_counted_the_rest_kept_and_asked_for_again(ask: Ask) -> None:
    feed = Feed(index=BOTH, second=SECOND)
    feed.etag = '"1"'
    before, _ = ask(feed)
    feed.bodies["first"] = FIRST

    after, paths = ask(feed, known=before)

    assert (before.is_whole, len(before.messages)) == (False, 3)
    assert any(one.startswith("1: ") and "404" in one for one in before.broken)
    assert (after.is_whole, after.unchanged, paths) == (True, {RIVER_1, RIVER_2}, ["/index", "/first"])


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (b"<html><body>Sorry</body></html>", "a page for people"),
        (b"", "empty"),
        (BOTH, "leads to no CAP alert"),
        (b"<alert><identifier>x</identifier></alert>", "no <sent>"),
        (b"<alert>" + b" " * 5_000_000 + b"</alert>", "more than 5000000"),
    ],
    ids=["page", "empty", "index", "alert", "huge"],
)
def test_document_that_cannot_be_read_is_counted_and_the_rest_kept(ask: Ask, body: bytes, reason: str) -> None:
    answer, _ = ask(Feed(index=BOTH, first=body, second=SECOND))

    assert (answer.is_whole, len(answer.messages)) == (False, 3)
    assert any(reason in one for one in answer.broken)


@pytest.mark.parametrize(
    "link", ["http://elsewhere.example/first", "file:///etc/hostname", "//elsewhere.example/a", "ftp://x/"]
)
def test_link_to_another_host_is_not_followed(ask: Ask, link: str) -> None:
    answer, paths = ask(Feed(index=index(("1", "06:30", link), ("2", "10:00", "second")), second=SECOND))

    assert paths == ["/index", "/second"]
    assert (answer.is_whole, len(answer.messages)) == (False, 3)


def test_link_to_a_further_host_that_the_configuration_names_is_followed() -> None:
    # The loopback has several names: to the fetcher they are different hosts.
    feed = Feed(first=FIRST)
    with Upstream(feed.answer) as host:
        further = host.address.replace("127.0.0.1", "localhost")
        feed.bodies["index"] = index(("1", "06:30", f"{further}/first"))
        source = read_sources(f"cap={host.address}/index {further}")["cap"]
        with source.fetcher(contact="") as allowed, Fetcher(f"{host.address}/index") as strict:
            followed = cap_feed.fetch(allowed, {}, now_ms=NOW)
            left = cap_feed.fetch(strict, {}, now_ms=NOW)

    assert ([one.source_id for one in followed.messages], followed.is_whole) == ([RIVER_1], True)
    assert (left.messages, left.is_whole) == ((), False)


def test_alert_that_is_no_real_one_is_read_once_and_forgotten(ask: Ask) -> None:
    feed = Feed(index=index(("1", "06:30", "first")), first=FIRST.replace(b"Actual", b"Exercise"))
    before, _ = ask(feed)

    after, paths = ask(feed, known=before)

    assert (before.messages, before.is_whole, before.broken) == ((), True, ())
    assert paths == ["/index"]
    assert after.is_whole


def test_cancelled_alert_ends(ask: Ask) -> None:
    cancel = SECOND.replace(b"Update", b"Cancel")

    answer, _ = ask(Feed(index=index(("2", "10:00", "second")), second=cancel))

    assert {one.act for one in answer.messages} == {Act.END}


def test_what_there_is_no_time_for_is_left_to_the_next_run(ask: Ask) -> None:
    feed = Feed(index=BOTH, first=FIRST, second=SECOND)

    answer, paths = ask(feed, budget_s=-1.0)

    assert paths == ["/index"]
    assert (answer.is_whole, len(answer.broken)) == (False, 2)


def test_no_more_entries_are_read_than_can_be_remembered(ask: Ask) -> None:
    many = index(*((str(number), "06:30", "first") for number in range(MOST_ENTRIES + 1)))

    answer, paths = ask(Feed(index=many, first=FIRST))

    assert paths == ["/index", "/first"]
    assert (answer.is_whole, len(answer.messages), len(answer.validators)) == (False, 1, MOST_ENTRIES)


def test_index_that_cannot_be_had_is_told_by_the_fetcher(ask: Ask) -> None:
    with pytest.raises(NotFetched, match="404"):
        ask(Feed())


def test_index_that_is_a_page_for_people_is_no_empty_answer(ask: Ask) -> None:
    answer, _ = ask(Feed(index=b"<!DOCTYPE html><html><title>502</title></html>"))

    assert (answer.messages, answer.is_whole) == ((), False)
    assert answer.broken == ("the file: it is a page for people (HTML)",)
