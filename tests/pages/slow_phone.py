"""An old phone with one bar of signal, by Chrome's throttling: 400 kb/s, 400 ms a round trip, a quarter of the CPU."""

from dataclasses import dataclass
from typing import Any

from playwright.sync_api import CDPSession, Page

LINE = {"offline": False, "latency": 400, "downloadThroughput": 50_000, "uploadThroughput": 50_000}
SLOWER = 4
WATCH = """
window.shifted = 0;
window.painted = [];
new PerformanceObserver((list) => list.getEntries().forEach((one) => {
  if (!one.hadRecentInput) window.shifted += one.value;
})).observe({type: 'layout-shift', buffered: true});
new PerformanceObserver((list) => list.getEntries().forEach((one) => {
  window.painted.push([one.startTime, one.element ? one.element.className || one.element.tagName : '']);
})).observe({type: 'largest-contentful-paint', buffered: true});
"""
# The first of the map's own files: all that is asked for earlier is before the map.
FIRST_OF_MAP = ("/leaflet.css", "/leaflet.js")


@dataclass
class Asked:
    """A request of a page in its order, with what came for it so far."""

    address: str
    bytes: int = 0


class Line:
    """A page's requests, in order, over a slow line or a quick one."""

    def __init__(self, page: Page, *, is_slow: bool = False) -> None:
        self.asked: dict[str, Asked] = {}
        self.session: CDPSession = page.context.new_cdp_session(page)
        self.session.on("Network.requestWillBeSent", self._sent)
        self.session.on("Network.dataReceived", self._received)
        self.session.on("Network.loadingFinished", self._finished)
        self.session.send("Network.enable")
        self.session.send("Network.setCacheDisabled", {"cacheDisabled": True})
        if is_slow:
            self.session.send("Network.emulateNetworkConditions", LINE)
            self.session.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})

    def _sent(self, event: dict[str, Any]) -> None:
        if event["request"]["url"].startswith("http"):
            self.asked[event["requestId"]] = Asked(event["request"]["url"])

    def _received(self, event: dict[str, Any]) -> None:
        if one := self.asked.get(event["requestId"]):
            one.bytes += max(event["encodedDataLength"], 0)

    def _finished(self, event: dict[str, Any]) -> None:
        if one := self.asked.get(event["requestId"]):
            one.bytes = int(event["encodedDataLength"])

    def before_map(self) -> list[Asked]:
        """Return the requests before the first of the map's own files."""
        found = []
        for one in self.asked.values():
            if one.address.endswith(FIRST_OF_MAP):
                break
            found.append(one)
        return found
