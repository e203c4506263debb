"""Words of others, as they are shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as some

from app.core.plain_text import plain
from app.core.unicode_text import BIDI_CONTROLS


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Flood &amp; landslide <b>RED</b>", "Flood & landslide RED"),
        ("One<&#8238;br>two <&#8203;b>three</&#8203;b>", "One\ntwo three"),
        ("see ?a=1&notice;=2 and &copies;", "see ?a=1&notice;=2 and &copies;"),
        (
            "At 12.4 m.<br/>Stay away.<br><p>Call &quot;112&quot;</p> 5 &deg;C",
            'At 12.4 m.\nStay away.\n\nCall "112"\n5 °C',
        ),
        ("one<BR />two<P CLASS='x'>three</P>", "one\ntwo\nthree"),
        ("&lt;b&gt;Deep&lt;/b&gt; &amp;amp;nbsp;water", "Deep  water"),
        ("1<script>alert(1)</script>2<style>p{}</style>3<!-- c -->4", "1234"),
        ("<a href='http://x' target=_blank>more</a> <img src=x onerror=alert(1)>", "more"),
        ("<![CDATA[River]]> high", "River high"),
        ("level a<b, river -> road <- field", "level a<b, river -> road <- field"),
        ("if a<b>c, and p<q", "if a<b>c, and p<q"),
        ("depth < 30 cm & rising, 3<4, I <3 you, <30cm", "depth < 30 cm & rising, 3<4, I <3 you, <30cm"),
        ("see <Langport> and <river>", "see <Langport> and <river>"),
        ("AT&T; R&D, Marks &Spencer", "AT&T; R&D, Marks &Spencer"),
        ("one\r\ntwo\rthree\x85four\u2028five\n\n  six", "one\ntwo\nthree\nfour\nfive\n\n  six"),
        ("\u202egnp.txt\u202c \u2066end\u2069 \u200b\u200bYnys Môn\ufeff\u00ad", "gnp.txt end Ynys Môn"),
        ("&#8238;abc&#x200b;", "abc"),
        ("a\u00a0b\u2009c", "a b c"),
        ("می\u200cخواهم 👨\u200d👩", "می\u200cخواهم 👨\u200d👩"),
        ("x\u200d \u200cy", "x y"),
        ("wa\u200dter in the ca\u200cr", "water in the car"),
        ("a" + "\u0301" * 40 + "b", "á" + "\u0301" * 4 + "b"),
        ("فيضان 🌊 عند الجسر", "فيضان 🌊 عند الجسر"),
    ],
)
def test_text_is_shown_without_markup_and_without_losing_a_word(written: str, shown: str) -> None:
    assert plain(written) == shown


@given(some.text(max_size=200))
def test_words_without_brackets_and_entities_stay_as_they_are(text: str) -> None:
    bare = "".join(each for each in text if each.isalnum() or each == " ").strip()

    assert [one for one in plain(bare).split() if one] == [plain(one) for one in bare.split() if plain(one)]


@given(some.text(max_size=200) | some.from_regex(r"(<|</|b|br|>|&lt;|&#8238;|&amp;|\u202e|a=1| ){0,30}"))
def test_what_is_shown_is_clean_and_stays_so(text: str) -> None:
    shown = plain(text)

    assert not BIDI_CONTROLS & set(shown)
    assert "<br>" not in shown and "\r" not in shown


@pytest.mark.parametrize("part", ["<a", "<a x=1 ", "<div ", "<br ", "&", "<!--", "<script>", "<b>", "<div a", "\n \n"])
def test_monstrous_text_comes_to_an_end(part: str) -> None:
    assert len(plain(part * 100_000)) <= 40_000
