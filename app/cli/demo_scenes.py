"""Scenes of the demo: which street of Bath and the villages along the Avon floods when, how deep, in which words.

The streets lie in the Environment Agency's own flood areas; when and how deep they flood is invented. Sentences that
begin with the street keep its name as the map has it.
"""

from typing import NamedTuple


class DemoScene(NamedTuple):
    """Reports from one street: their period in hours before the end, their number, and bounds of their depths (cm)."""

    place: str
    street: str
    area: str  # code of the flood area in which the reports of this street lie
    hours_before: tuple[int, int]
    reports: int
    depths_cm: tuple[int, int]
    seen: tuple[str, ...]


_KERB = ("Water over the kerb in {}", "Drains backing up in {}", "{}: puddles joining up")
_ROAD = ("{} under water", "{}: cars turn back", "Cars stand in water in {}")
_DOOR = ("Water at the doorstep, {}", "Water rising in {}", "{}: cellar filling up")
_BANK = ("River Avon over its bank at {}", "{}: the path along the river is gone", "Water rising at {}")

OWN_STREET = "112FWFAVN60B/Ferry Lane"  # of the report that the demo's resident has filed
SCENES = (
    DemoScene("Bathford", "Ostlings Lane", "112FWFAVN50A", (20, 3), 6, (20, 70), _BANK),
    DemoScene("Bathford", "Bradford Road", "112FWFAVN50A", (19, 4), 10, (15, 60), _ROAD),
    DemoScene("Bathampton", "Mill Lane", "112FWFAVN60A", (20, 1), 18, (30, 120), _BANK),
    DemoScene("Bath", "Grosvenor Bridge Road", "112FWFAVN60C", (12, 1), 12, (5, 60), _DOOR),
    DemoScene("Bath", "Ferry Lane", "112FWFAVN60B", (17, 1), 12, (20, 110), _BANK),
    DemoScene("Bath", "St John's Road", "112FWFAVN60B", (15, 1), 16, (10, 90), _DOOR),
    DemoScene("Bath", "North Parade Road", "112FWFAVN60B", (14, 1), 12, (10, 80), _ROAD),
    DemoScene("Bath", "Pulteney Road", "112FWFAVN60C", (11, 1), 14, (5, 50), _ROAD),
    DemoScene("Bath", "Spring Gardens Road", "112FWFAVN60A", (18, 2), 10, (30, 130), _BANK),
    DemoScene("Bath", "Dorchester Street", "112FWFAVN60D", (7, 1), 10, (3, 30), _KERB),
    DemoScene("Bath", "Broad Quay", "112FWFAVN60A", (15, 1), 12, (20, 100), _BANK),
    DemoScene("Bath", "Green Park Road", "112FWFAVN60D", (8, 1), 12, (5, 40), _KERB),
    DemoScene("Bath", "Lower Bristol Road", "112FWFAVN60B", (13, 1), 24, (10, 90), _ROAD),
    DemoScene("Bath", "Locksbrook Road", "112FWFAVN60D", (9, 2), 12, (5, 50), _DOOR),
    DemoScene("Bath", "Brassmill Lane", "112FWFAVN60C", (10, 2), 12, (5, 60), _DOOR),
    DemoScene("Saltford", "Mead Lane", "112FWFAVN70A", (16, 2), 20, (20, 110), _DOOR),
    DemoScene("Saltford", "The Shallows", "112FWFAVN70A", (16, 3), 6, (15, 80), _BANK),
    DemoScene("Keynsham", "Broadmead Lane", "112FWFAVN70A", (14, 4), 12, (20, 90), _ROAD),
    DemoScene("Keynsham", "Avon Mill Lane", "112FWFAVN70A", (6, 1), 10, (5, 50), _KERB),
)
