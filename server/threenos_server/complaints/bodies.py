"""The body of every command over HTTP, as it is typed in the API and kept in the journal."""

import datetime as dt
import re
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from threenos_server.complaints.life import Command

Text = Annotated[str, Meta(min_length=1, max_length=2000)]
Reason = Annotated[str, Meta(min_length=1, max_length=500)]
ProcessId = Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]{0,31}$(?!\n)")]
Hash = Annotated[str, Meta(pattern=r"^sha256:[0-9a-f]{64}$(?!\n)")]
Quantity = Annotated[float, Meta(ge=0, le=1e9)]


class Body(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a command needs."""


class Acknowledge(Body, frozen=True):
    """On my way."""


class Arrive(Body, frozen=True):
    """`code` are the three digits that the station shows."""

    code: Annotated[str, Meta(pattern=r"^[0-9]{3}$(?!\n)")]


class Contain(Body, frozen=True):
    """What was segregated and where, and how many of the sorted were bad."""

    what: Text
    where: Text
    qty_sorted: Quantity | None = None
    qty_bad: Quantity | None = None


class Dispose(Body, frozen=True):
    """What becomes of the product: units and hours are the inputs of cost. A concession names who granted it."""

    decision: Literal["scrap", "rework", "sort", "return", "concession"]
    qty: Quantity | None = None
    hours: Annotated[float, Meta(ge=0, le=1e6)] | None = None
    concession_by: ProcessId | None = None
    note: Text | None = None

    def __post_init__(self) -> None:
        if (self.decision == "concession") != (self.concession_by is not None):
            raise ValueError("`concession_by` goes with a concession: the process that receives the product grants it")


#: A person is never the cause of a defect: what let it happen is.
_BLAME = frozenset({
    "operatorerror", "humanerror", "workererror", "operatormistake", "humanmistake", "carelessness", "operator",
    "操作失误", "操作错误", "人为失误", "人为错误", "人员失误", "员工失误", "工人失误",
    "员工疏忽", "人为疏忽", "粗心", "操作不当",
})  # fmt: skip


class AnswerBody(Body, frozen=True):
    """Why it was made, why it was not caught (流出原因), what is done about it, by whom until when."""

    cause_made: Text
    cause_missed: Text
    countermeasure: Text
    owner: Annotated[str, Meta(min_length=1, max_length=64)]
    due_on: dt.date

    def __post_init__(self) -> None:
        for cause in (self.cause_made, self.cause_missed):
            if re.sub(r"[\W_]+", "", cause).lower() in _BLAME:
                raise ValueError("an operator's error alone is no cause: say what made the error possible")


class Accept(Body, frozen=True):
    """How content the customer is, 1 to 5."""

    rating: Annotated[int, Meta(ge=1, le=5)]
    note: Text | None = None


class Reasoned(Body, frozen=True):
    """Decline, reopen, withdraw."""

    reason: Reason


class Dispute(Body, frozen=True):
    """Why it was not made here, and where then."""

    reason: Reason
    proposed_made_at: ProcessId | None = None


class Rule(Body, frozen=True):
    """`made_at` null is "no defect found", which charges nobody."""

    reason: Reason
    made_at: ProcessId | None


class Merge(Body, frozen=True):
    """`into` is the id of the complaint that goes on."""

    into: Annotated[str, Meta(min_length=32, max_length=36)]
    reason: Reason


class Document(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A file that was uploaded, by its hash, with the name that its owner gave it."""

    sha256: Hash
    name: Annotated[str, Meta(min_length=1, max_length=120)]


class Comment(Body, frozen=True):
    """A text beside the complaint, with photos and documents by their hash."""

    text: Text
    photos: Annotated[list[Hash], Meta(max_length=20)] = []
    documents: Annotated[list[Document], Meta(max_length=20)] = []


class Override(Body, frozen=True):
    """Whose stop is overridden during the grace, and why."""

    complaint: Annotated[str, Meta(min_length=32, max_length=36)]
    reason: Reason


class Release(Body, frozen=True):
    """Whose stop is released."""

    complaint: Annotated[str, Meta(min_length=32, max_length=36)]


#: The commands of `POST /complaints/{id}/{command}`, each with its body.
BODIES: dict[Command, type[Body]] = {
    Command.ACKNOWLEDGE: Acknowledge,
    Command.ARRIVE: Arrive,
    Command.CONTAIN: Contain,
    Command.DISPOSE: Dispose,
    Command.ANSWER: AnswerBody,
    Command.ACCEPT: Accept,
    Command.DECLINE: Reasoned,
    Command.REOPEN: Reasoned,
    Command.WITHDRAW: Reasoned,
    Command.DISPUTE: Dispute,
    Command.RULE: Rule,
    Command.MERGE: Merge,
    Command.COMMENT: Comment,
}


def kept(body: Body) -> dict[str, Any]:
    """The body as the journal keeps it: without the arrival code, which is nobody's to read later."""
    said: dict[str, Any] = msgspec.to_builtins(body)
    said.pop("code", None)
    return said
