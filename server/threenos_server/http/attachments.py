"""What a person adds to a comment: photos, kept as those of stations are, and PDF documents, kept as they came.

The server hashes what comes, since a page that was opened over plain HTTP has no way to.
"""

import hashlib

import msgspec

from threenos_server.access import EVERYBODY, Role
from threenos_server.api import Answer, Call, Routes
from threenos_server.errors import Fault, Invalid
from threenos_server.http import photos
from threenos_server.http.photo_image import Picture

ROUTES = Routes("attachments")
#: Whoever may say something about a complaint may add to it.
WRITERS = EVERYBODY - {Role.ADMIN, Role.AUDITOR}
PDF = photos.PDF
_BEGINS, _ENDS = b"%PDF-", b"%%EOF"
#: Readers look for the end of a document in its last kilobyte.
_TAIL = 1024


class Attachment(msgspec.Struct, frozen=True):
    """`sha256` names it from now on; a `media_type` of a picture says that it is a photo."""

    sha256: str
    media_type: str
    size: int


@ROUTES.route(
    "POST", "/attachments", summary="Upload a JPEG, PNG, WebP or PDF for a comment", allow=WRITERS, body=bytes,
    answer=Attachment, status=201,
)  # fmt: skip
def add(call: Call) -> Answer:
    if not call.body:
        raise Invalid("the file is empty", Fault("", "choose another"))
    sha256 = hashlib.sha256(call.body).hexdigest()
    made = document(call.body) if is_document(call.body) else None
    row = photos.keep(call, sha256, call.actor.pseudonym, made)
    return Answer(Attachment(sha256, row.media_type, row.size), 201)


@ROUTES.route("GET", "/attachments/{sha256}", summary="A document of a comment", allow=EVERYBODY, answer=bytes)
def get(call: Call) -> Answer:
    # Saved and opened by the reader's own program: what a document may run, it never runs as a page of ours.
    headers = {"Content-Disposition": "attachment"}
    return photos.serve(call, documents=True, headers=headers)


def is_document(raw: bytes) -> bool:
    return raw.startswith(_BEGINS)


def document(raw: bytes) -> Picture:
    """The PDF as it came: nothing can be taken out of it without breaking its signature. Raises Invalid."""
    if _ENDS not in raw[-_TAIL:]:
        raise Invalid("this PDF is cut off", Fault("", "its end is missing"))
    return Picture(PDF, raw)
