"""Short documents for the description: answers that are no JSON."""

from typing import Any

from app.api import csv_table, list_format, warning_views

_ATOM = """\
<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom" xmlns:georss="http://www.georss.org/georss" xml:lang="en">
<id>tag:floods.example.org,2026:feeds/reports</id><title>Reports of flooding</title>
<updated>2026-01-05T08:20:00Z</updated><author><name>FloodManager</name></author>
<entry><id>tag:floods.example.org,2026:reports/rep_7d2kq</id><title>Road under water</title>
<updated>2026-01-05T08:20:00Z</updated><georss:point>51.381 -2.359</georss:point></entry>
</feed>
"""
_RSS = """\
<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0"><channel><title>Reports of flooding</title><link>https://floods.example.org/reports</link>
<description>What people report.</description>
<item><title>Road under water</title>
<guid isPermaLink="false">tag:floods.example.org,2026:reports/rep_7d2kq</guid></item>
</channel></rss>
"""
_CAP = """\
<?xml version="1.0" encoding="utf-8"?>
<alert xmlns="urn:oasis:names:tc:emergency:cap:1.2"><identifier>ea-123456.5f2ac901d4</identifier>
<sender>floods.example.org</sender><sent>2026-01-05T08:20:00-00:00</sent><status>Actual</status>
<msgType>Alert</msgType><scope>Public</scope></alert>
"""


def _document(about: str, example: str) -> dict[str, Any]:
    return {"type": "string", "description": about, "example": example}


ATOM = _document("Atom (RFC 4287) in UTF-8, shortened here.", _ATOM)
RSS = _document("RSS 2.0 in UTF-8, shortened here.", _RSS)
CAP = _document("CAP 1.2 in UTF-8; of the example, the beginning.", _CAP)
REPORT_TABLE = csv_table.described(list_format.COLUMNS)
WARNING_TABLE = csv_table.described(warning_views.COLUMNS)
