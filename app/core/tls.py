"""Share one TLS context for all connections to AWS, so that the root certificates are read once.

botocore makes a context for each client, and urllib3 reads the file of some 130 roots again for each connection: 36 ms
of CPU, more than the rest of a connection costs. The context keeps botocore's own settings.
"""

import ssl
from functools import cache
from threading import Lock
from typing import Any

from botocore import httpsession

_make = httpsession.create_urllib3_context


class _ReadingOnce(ssl.SSLContext):
    """A context that reads each file of certificates once."""

    _reading = Lock()

    def load_verify_locations(self, cafile: Any = None, capath: Any = None, cadata: Any = None) -> None:
        asked = (cafile, capath, cadata)
        with self._reading:
            read = self.__dict__.setdefault("read", set())
            if asked not in read:
                super().load_verify_locations(*asked)
                read.add(asked)


@cache
def shared_context() -> ssl.SSLContext:
    """Return botocore's context, of our class."""
    return _make()  # type: ignore[no-any-return]  # botocore has no types


def share() -> None:
    """Make botocore's clients use the shared context from now on."""
    httpsession.SSLContext = _ReadingOnce  # type: ignore[attr-defined]  # botocore imports it by this name, which the stubs do not know
    httpsession.create_urllib3_context = shared_context
