"""Mail as a mail server gets it: what people wrote stays a subject and a text, whatever is in it."""

import re
import socketserver
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from html import unescape
from itertools import takewhile

import pytest
from listening import Threads, running

from threenos_server.notify.senders import Outgoing, send

# Apprise reads its e-mail service with a module that newer Pythons drop; it does without it there.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
EVIL = (
    "Stop\r\nBcc: evil@example.org\r\n\r\n<h1>forged</h1>",
    "Stop\nBcc: evil@example.org",
    "Stop\rBcc: evil@example.org",
    "停线\r\nBcc: evil@example.org",
    "Stop\u2028Bcc: evil@example.org\x0bX-Evil: 1\x85X-Evil: 2\x1cX-Evil: 3",
    "=?utf-8?q?Stop=0D=0ABcc=3A_evil=40example=2Eorg?=",
    "Stop\r\n.\r\nRCPT TO:<evil@example.org>\r\nDATA\r\n",
)


class MailServer(Threads, socketserver.TCPServer):
    """As much of a mail server as somebody who sends needs; keeps for whom mail came, and the mail."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.to: list[str] = []
        self.mails: list[EmailMessage] = []
        port = self.server_address[1]
        self.address = f"mailto://127.0.0.1:{port}?from=plant@example.org&to=li@example.org&mode=insecure"


class _Talk(socketserver.StreamRequestHandler):
    server: MailServer
    timeout = 10

    def handle(self) -> None:
        self._say("220 here")
        for line in self.rfile:
            word = line.strip().upper()
            if word.startswith(b"RCPT"):
                self.server.to.append(line.decode().strip())
            if word == b"DATA":
                self._say("354 go on")
                self.server.mails.append(message_from_bytes(self._mail(), policy=policy.default))  # type: ignore[arg-type]
            self._say("221 bye" if word == b"QUIT" else "250 good")

    def _mail(self) -> bytes:
        """Up to the line that ends it, or to the end of what comes: a client may leave in the middle."""
        lines = takewhile(b".\r\n".__ne__, self.rfile)
        return b"".join(line.removeprefix(b".") for line in lines)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


def mail_server() -> AbstractContextManager[MailServer]:
    return running(MailServer())


@pytest.mark.parametrize("evil", EVIL)
def test_no_name_and_no_note_makes_a_header_or_a_recipient(evil: str) -> None:
    """Neither in the subject, where names of stations stand, nor in the text, where notes do."""
    with mail_server() as server:
        send(server.address, Outgoing("m1", evil, f"text\n{evil}", AT))
    (mail,) = server.mails
    assert [line.partition("<")[2] for line in server.to] == ["li@example.org>"]
    assert {name.lower() for name in mail} <= {
        "content-type", "mime-version", "content-transfer-encoding", "subject", "from", "to", "reply-to", "date",
        "message-id", "x-application",
    }  # fmt: skip
    assert "li@example.org" in mail["To"] and "evil" not in mail["To"]


@pytest.mark.parametrize("kind", ["", "&format=html"])
def test_a_text_is_shown_as_it_was_written(kind: str) -> None:
    """Line by line, plain or, where the address asks for it, in HTML, of which no element came with the text."""
    text = "Stop & more\n<h1>forged</h1> <a href='https://evil.example'>confirm</a>\nlast"
    with mail_server() as server:
        send(server.address + kind, Outgoing("m1", "停线", text, AT))
    (mail,) = server.mails
    assert mail["Subject"] == "停线"
    shown = mail.get_body(("html", "plain"))
    assert shown is not None and (shown.get_content_subtype() == "html") is bool(kind)
    said = str(shown.get_content())
    if kind:
        assert set(re.findall(r"<[^>]*>", said)) <= {"<br/>", "<br />", "<br>"}
        said = unescape(re.sub(r"<br ?/?>(\r?\n)?", "\n", said)).replace("\xa0", " ")
    assert said.splitlines() == text.splitlines()
