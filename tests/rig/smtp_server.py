"""A mail server of a few lines on this machine: says what it is told to say, and keeps what it takes."""

import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


class SmtpServer:
    """`answers`: what it says to a command instead of 250; `CLOSE` ends the connection without an answer."""

    CLOSE = "CLOSE"

    def __init__(self, answers: Mapping[str, str]) -> None:
        self.answers, self.messages = dict(answers), list[str]()
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection, connection.makefile("rwb") as lines:
                self._talk(lines)

    def _talk(self, lines: object) -> None:
        def say(text: str) -> None:
            lines.write(f"{text}\r\n".encode())  # type: ignore[attr-defined]
            lines.flush()  # type: ignore[attr-defined]

        say(self.answers.get("CONNECT", "220 here"))
        while line := lines.readline().decode():  # type: ignore[attr-defined]
            command = line.split()[0].upper()
            if command == "DATA":
                say("354 go on")
                taken = self._data(lines)
                self.messages += [taken] if self.answers.get(".", "250").startswith("250") else []
                command = "."
            answer = self.answers.get(command, "250 well")
            if answer == self.CLOSE:
                return
            say(answer)
            if command == "QUIT":
                return

    @staticmethod
    def _data(lines: object) -> str:
        text = ""
        while (line := lines.readline().decode()) not in (".\r\n", ""):  # type: ignore[attr-defined]
            text += line
        return text


@contextmanager
def running(**answers: str) -> Iterator[SmtpServer]:
    """`running(RCPT="550 no")`; the end of a message is called `end`."""
    server = SmtpServer({"." if name == "end" else name: text for name, text in answers.items()})
    thread = threading.Thread(target=server.serve, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.socket.shutdown(socket.SHUT_RDWR)
        server.socket.close()
        thread.join(5)
