"""Share one TLS context for all connections to AWS: Amazon's root certificates are read once, the others if needed.

botocore makes a context for each client, and urllib3 reads the file of some 130 roots into it again for each
connection: 36 ms of CPU, more than all else that a connection costs. AWS's own servers are certified by six of these
roots. The first certificate that they refuse, for an endpoint with another root or behind a proxy, makes the context
read the whole file; that connection is then opened a second time. The settings of the context stay botocore's own.
"""

import socket
import ssl
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

from botocore import httpsession

_make = httpsession.create_urllib3_context
# As botocore's bundle and certifi's name them (https://www.amazontrust.com/repository/).
AMAZON = (
    *(b"Amazon Root CA %d" % number for number in range(1, 5)),
    b"Starfield Services Root Certificate Authority - G2",
    b"Starfield Class 2 CA",
)
_BEGIN, _END = b"-----BEGIN CERTIFICATE-----", b"-----END CERTIFICATE-----"


class _ReadingOnce(ssl.SSLContext):
    """TLS context that reads each file of certificates once for all clients; at first only Amazon's roots in it."""

    _reading = Lock()

    def load_verify_locations(self, cafile: Any = None, capath: Any = None, cadata: Any = None) -> None:
        locations = (cafile, capath, cadata)
        with self._reading:
            read = self.__dict__.setdefault("read", set())
            if locations in read:
                return
            if cafile and (amazon := _roots_of_amazon(cafile)):
                super().load_verify_locations(cadata=amazon)
                self.__dict__.setdefault("unread", []).append(locations)
            else:
                super().load_verify_locations(*locations)
            read.add(locations)

    def wrap_socket(self, sock: socket.socket, *rest: Any, **named: Any) -> ssl.SSLSocket:
        peer, timeout = sock.getpeername(), sock.gettimeout()
        try:
            return super().wrap_socket(sock, *rest, **named)
        except ssl.SSLCertVerificationError:
            if not self._read_all():
                raise
        return super().wrap_socket(socket.create_connection(peer[:2], timeout), *rest, **named)

    def _read_all(self) -> bool:
        """Read all roots of the files; False if they were read before."""
        with self._reading:
            unread = self.__dict__.pop("unread", [])
            for locations in unread:
                super().load_verify_locations(*locations)
        return bool(unread)


def _roots_of_amazon(file: Any) -> str:
    """Return the PEM texts of Amazon's roots in a file; empty if it has none or does not name them."""
    text, certificates = Path(file).read_bytes(), []
    for name in AMAZON:
        if (label := text.rfind(b'# Label: "%s"\n' % name)) >= 0 and (begin := text.find(_BEGIN, label)) >= 0:
            certificates.append(text[begin : text.find(_END, begin) + len(_END)])
    return b"\n".join(certificates).decode("ascii")


@cache
def shared_context() -> ssl.SSLContext:
    """Return botocore's context, of our class."""
    return _make()  # type: ignore[no-any-return]  # botocore has no types


def share() -> None:
    """Make botocore's clients use the shared context from now on."""
    httpsession.SSLContext = _ReadingOnce  # type: ignore[attr-defined]  # botocore imports it by this name, which the stubs do not know
    httpsession.create_urllib3_context = shared_context
