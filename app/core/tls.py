"""One TLS context for all connections to AWS, which reads the root certificates once.

botocore makes a context for each client, and urllib3 reads the file of some 130 roots into it anew for each connection:
36 ms of CPU, more than all else that a connection costs. The settings of the context stay botocore's own.
"""

import ssl
from functools import cache
from threading import Lock
from typing import Any

from botocore import httpsession

_make = httpsession.create_urllib3_context


class _ReadingOnce(ssl.SSLContext):
    """A context that reads each file of certificates once, whoever asks."""

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
    """botocore's context, of our class."""
    return _make()  # type: ignore[no-any-return]  # botocore has no types


def share() -> None:
    """From now on botocore's clients use the shared context."""
    httpsession.SSLContext = _ReadingOnce  # type: ignore[attr-defined]  # the name that it imports by, unknown to stubs
    httpsession.create_urllib3_context = shared_context
