"""Heads of the journal that left the machine: what a tail that was rewritten and rehashed is held against.

One JSON object a line, `{"site","seq","hash","at"}`, as every station agent keeps one an hour and as `checkpoint` gives
it for a file, a printout or a webhook.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import msgspec
import sqlalchemy as sa
from msgspec import Meta
from sqlalchemy.orm import Session

from threenos_server.errors import Fault, Invalid
from threenos_server.journal.model import Head
from threenos_server.journal.service import head
from threenos_server.journal.tables import Witness
from threenos_wire.instants import format_instant, parse_instant


class Witnessed(msgspec.Struct, frozen=True):
    """That at an instant the last row of a site's journal was number `seq` and had this hash."""

    site: str
    seq: Annotated[int, Meta(ge=0, le=2**53)]
    hash: Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
    at: str


_decoder = msgspec.json.Decoder(Witnessed)


def read_witnesses(lines: Iterable[bytes]) -> dict[str, list[Witnessed]]:
    """By site, what the lines of a witness file remember; raises Invalid naming each line that is none.

    Two agents may remember the same row; two that remember it differently are both kept, and one of them will show.
    """
    seen: dict[str, list[Witnessed]] = {}
    faults = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            witnessed = _decoder.decode(line)
            parse_instant(witnessed.at)
        except (msgspec.DecodeError, RecursionError, ValueError) as e:
            faults.append(Fault(f"line {number}", str(e)))
            continue
        if witnessed.seq:
            seen.setdefault(witnessed.site, []).append(witnessed)
    if faults:
        raise Invalid("a witness file has one JSON object a line: site, seq, hash, at", *faults)
    return seen


def checkpoint(session: Session, site: str, now: datetime) -> Witnessed:
    """The head of a site's journal, to be kept outside; that it was given out is remembered here as well."""
    last = head(session, site)
    known = session.scalar(sa.select(Witness.hash).where(Witness.site == site, Witness.seq == last.seq))
    if known is None and last.seq:
        session.execute(sa.insert(Witness).values(site=site, seq=last.seq, hash=last.hash, at=now))
    return Witnessed(site, last.seq, last.hash, format_instant(now))


def given_out(session: Session, site: str) -> list[Head]:
    """The checkpoints of a site that left the machine, as this database remembers them."""
    query = sa.select(Witness.seq, Witness.hash).where(Witness.site == site).order_by(Witness.seq)
    return [Head(r.seq, r.hash) for r in session.execute(query)]
