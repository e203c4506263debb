"""Devices as they name themselves: one of a few words, whatever they send."""

import pytest

from app.accounts import devices

WEBKIT = "AppleWebKit/537.36 (KHTML, like Gecko)"
NAMED = {
    "Mozilla/5.0 (Android 14; Mobile; rv:133.0) Gecko/133.0 Firefox/133.0": "Firefox, Android",
    f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} Chrome/131.0.0.0 Mobile Safari/537.36": "Chrome, Android",
    f"Mozilla/5.0 (Linux; Android 10; K) {WEBKIT} SamsungBrowser/27.0 Chrome/125.0.0.0 Mobile Safari/537.36": (
        "Samsung Internet, Android"
    ),
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/131.0.0.0 Safari/537.36 Edg/131.0.0.0": "Edge, Windows",
    f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {WEBKIT} Chrome/131.0.0.0 Safari/537.36 OPR/116.0": "Opera, Windows",
    f"Mozilla/5.0 (X11; CrOS x86_64 14541.0.0) {WEBKIT} Chrome/131.0.0.0 Safari/537.36": "Chrome, ChromeOS",
    "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133.0": "Firefox, Linux",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 Version/18.1 Mobile Safari/604.1": (
        "Safari, iOS"
    ),
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15 CriOS/131.0 Mobile Safari/604.1": (
        "Chrome, iOS"
    ),
    # An iPad names itself like this too.
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1 Safari/605.1.15": (
        "Safari, macOS / iPadOS"
    ),
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:133.0) Gecko/20100101 Firefox/133.0": "Firefox, macOS",
    "curl/8.11.0": "curl",
    "python-requests/2.32.3": "Python",
    "Python-urllib/3.12": "Python",
}
UNKNOWN = ["", "x", "Mozilla/5.0", "Dalvik 1", "\x00\n<script>", "ü" * 5000, "-", "firefox-android"]


def test_common_devices_are_named() -> None:
    assert {text: devices.name_of(devices.kind_of(text)) for text in NAMED} == NAMED


def test_what_is_kept_is_a_short_code_without_version_or_model() -> None:
    kinds = {devices.kind_of(text) for text in NAMED}

    assert all(set(kind) <= set("abcdefghijklmnopqrstuvwxyz-") and len(kind) <= 20 for kind in kinds)


@pytest.mark.parametrize("text", UNKNOWN)
def test_unknown_device_has_no_name(text: str) -> None:
    assert (devices.kind_of(text), devices.name_of(devices.kind_of(text))) == ("", "")


@pytest.mark.parametrize(("kind", "name"), [("ladybird-android", "Android"), ("firefox-haiku", "Firefox"), (None, "")])
def test_word_of_a_later_release_is_left_out(kind: str | None, name: str) -> None:
    assert devices.name_of(kind) == name


def test_long_text_is_not_read_to_its_end() -> None:
    assert devices.kind_of("x" * devices.LONGEST_READ + "Firefox/133") == ""
