"""Parameters of pages: those that some page reads. The CDN leaves out all others, and so do we.

Networks add parameters to links (`fbclid`, `utm_source`). With them every such link would be a page of
its own in the CDN, and pages would repeat them in their own links. The API refuses unknown parameters instead
(`app/http/schemas.py`), and what it refuses is not kept.
"""

import re
from functools import cached_property

from flask import Request
from werkzeug.datastructures import ImmutableMultiDict, MultiDict

# In the order of the alphabet, and the same in infra/viewer_request.txt.
OF_PAGES = frozenset(
    (
        "accuracy_m action actor area at bbox changed cursor hours in_force is_suspended lang lat limit lon near next "
        "note observed_at offline photo place query radius_km reference report results role said severity_min show "
        "since sort source state status subject to together token told until updated_since warning"
    ).split()
)
_OF_THE_API = re.compile(r"/(?:v1|tiles|static|feeds)/|/[a-z]+\.json$|/healthz$")


class PageRequest(Request):
    """Request whose parameters are those that pages read, unless it is for the API."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        given = super().args
        if not given or _OF_THE_API.match(self.path):
            return given
        return ImmutableMultiDict((name, value) for name, value in given.items(multi=True) if name in OF_PAGES)
