"""PUT and GET /photos/{sha256}: kept in the database, so that every web host has them and a backup is whole."""

import hashlib
import re
from collections.abc import Mapping

import msgspec
from sqlalchemy.exc import IntegrityError

from threenos_server.access import EVERYBODY, Role
from threenos_server.api import Answer, Call, Routes
from threenos_server.errors import Fault, Forbidden, Invalid, NotFound, Unauthenticated
from threenos_server.http import asking
from threenos_server.http.photo_image import Picture, clean
from threenos_server.http.tables import PhotoRow
from threenos_server.people import stations

ROUTES = Routes("photos")
WRITERS = EVERYBODY - {Role.AUDITOR}
#: Documents of comments are kept beside the photos, and served by `attachments` alone.
PDF = "application/pdf"
_SHA256 = re.compile(r"^[0-9a-f]{64}$")


class Photo(msgspec.Struct, frozen=True):
    """`sha256` is of what was uploaded, `stored_sha256` of what is kept of it."""

    sha256: str
    stored_sha256: str
    media_type: str
    size: int


@ROUTES.route(
    "PUT", "/photos/{sha256}", summary="Upload a JPEG, PNG or WebP under the SHA-256 of its bytes",
    # Open here: a station comes with its upload token, which only this route knows. _uploader lets nobody else in.
    allow=None, body=bytes, answer=Photo, status=201,
)  # fmt: skip
def put(call: Call) -> Answer:
    by = _uploader(call)
    sha256 = _named(call)
    if hashlib.sha256(call.body).hexdigest() != sha256:
        raise Invalid("the bytes do not have that SHA-256", Fault("", "upload exactly what was hashed"))
    found = find(call, sha256)
    if found is not None:
        return Answer(found)
    return Answer(keep(call, sha256, by), 201)


@ROUTES.route("GET", "/photos/{sha256}", summary="A photo", allow=EVERYBODY, answer=bytes)
def get(call: Call) -> Answer:
    return serve(call, documents=False, headers={})


def keep(call: Call, sha256: str, by: str, made: Picture | None = None) -> Photo:
    """Keep the call's body under its hash, once: as `made`, else as the photo that it must be. Raises Invalid."""
    found = find(call, sha256)
    if found is not None:
        return found
    picture = made or clean(call.body)
    stored = hashlib.sha256(picture.data).hexdigest()
    row = PhotoRow(
        site=call.site, sha256=sha256, stored=stored, media_type=picture.media_type, data=picture.data,
        size=len(picture.data), by=by, at=call.now,
    )  # fmt: skip
    try:
        with call.db.write() as session:
            session.add(row)
    except IntegrityError:  # the same photo came twice at once, and one of them is enough
        pass
    return Photo(sha256, stored, picture.media_type, len(picture.data))


def serve(call: Call, *, documents: bool, headers: Mapping[str, str]) -> Answer:
    """What is kept under the hash in the path: a document, or a photo. Raises NotFound."""
    with call.db.read() as session:
        row = session.get(PhotoRow, (call.site, _named(call)))
        if row is None or (row.media_type == PDF) is not documents:
            raise NotFound("there is no such photo or document; a station may not have uploaded it yet")
        return Answer(
            row.data,
            media_type=row.media_type,
            headers={
                "Cache-Control": "private, max-age=31536000, immutable",
                # Even if a picture were something else in disguise, nothing in it would run.
                "Content-Security-Policy": "default-src 'none'; sandbox",
                "ETag": f'"{row.stored}"',
                **headers,
            },
        )


def find(call: Call, sha256: str) -> Photo | None:
    """What is known of what is kept under that hash."""
    with call.db.read() as session:
        row = session.get(PhotoRow, (call.site, sha256))
        return None if row is None else Photo(sha256, row.stored, row.media_type, row.size)


def _uploader(call: Call) -> str:
    """Who uploads: a station by its token, or a person whose role writes."""
    token = asking.bearer()
    if token is not None and not call.actor.board_token:
        with call.db.read() as session:
            station = stations.uploader(session, call.site, token)
        if station is None:
            raise Unauthenticated("the upload token is not, or no longer, good")
        return station
    if not call.actor.pseudonym:
        raise Unauthenticated("this needs a station's upload token or somebody who is signed in")
    if not call.actor.may(WRITERS, site=call.site):
        raise Forbidden("this role writes nothing")
    return call.actor.pseudonym


def _named(call: Call) -> str:
    sha256 = call.path["sha256"].removeprefix("sha256:")
    if not _SHA256.match(sha256):
        raise NotFound("a photo is named by its SHA-256, 64 hexadecimal digits")
    return sha256
