"""Actions: what is done about complaints, by whom until when; verified by somebody else. Pure."""

import datetime as dt
from enum import StrEnum
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from threenos_server.complaints.bodies import Text
from threenos_server.errors import Conflict, Fault, Forbidden, Invalid

Name = Annotated[str, Meta(min_length=1, max_length=64)]
Id = Annotated[str, Meta(min_length=32, max_length=36)]


class ActionType(StrEnum):
    CONTAINMENT = "containment"
    CORRECTIVE = "corrective"
    PREVENTIVE = "preventive"


class ActionState(StrEnum):
    OPEN = "open"
    IN_PROGRESS = "in-progress"
    DONE = "done"
    VERIFIED = "verified"
    DROPPED = "dropped"


#: Who may set which state; `verified` is set by verifying alone, and ends it.
MOVES: dict[ActionState, tuple[ActionState, ...]] = {
    ActionState.OPEN: (ActionState.IN_PROGRESS, ActionState.DONE, ActionState.DROPPED),
    ActionState.IN_PROGRESS: (ActionState.OPEN, ActionState.DONE, ActionState.DROPPED),
    ActionState.DONE: (ActionState.IN_PROGRESS,),
    ActionState.DROPPED: (ActionState.OPEN,),
    ActionState.VERIFIED: (),
}


class NewAction(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is to be done, by whom until when; about a complaint or an 8D, or neither."""

    type: ActionType
    what: Text
    owner: Name
    due_on: dt.date
    complaint: Id | None = None
    eight_d: Id | None = None


class ActionPatch(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What changes; what is left out stays."""

    state: ActionState | None = None
    what: Text | None = None
    owner: Name | None = None
    due_on: dt.date | None = None
    note: Text | None = None


class Verification(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Whether it had an effect, and how that shows. Without one it is in progress again."""

    effective: bool
    evidence: Text


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """One action. `by`, `done_by` and `verified_by` are pseudonyms."""

    id: str
    version: int = 1
    type: ActionType
    what: str
    owner: str
    due_on: str
    state: ActionState = ActionState.OPEN
    complaint: str | None = None
    eight_d: str | None = None
    note: str | None = None
    evidence: str | None = None
    opened_at: str
    by: str
    done_at: str | None = None
    done_by: str | None = None
    verified_at: str | None = None
    verified_by: str | None = None


def changed(action: Action, patch: ActionPatch, at: str, by: str) -> Action:
    """The action after a patch. Raises Conflict for a move that there is not."""
    fields: dict[str, Any] = {
        name: value for name in ("state", "what", "owner", "note") if (value := getattr(patch, name)) is not None
    }
    if patch.due_on is not None:
        fields["due_on"] = patch.due_on.isoformat()
    if action.state is ActionState.VERIFIED:
        raise Conflict("the action is verified and stays as it is")
    to = patch.state
    if to is not None and to is not action.state:
        if to is ActionState.VERIFIED:
            raise Invalid("an action is verified by saying what shows it", Fault("/state", "POST …/verify"))
        if to not in MOVES[action.state]:
            raise Conflict(f"an action that is {action.state} does not become {to}")
        done = to is ActionState.DONE
        fields |= {"done_at": at if done else None, "done_by": by if done else None}
    return msgspec.structs.replace(action, version=action.version + 1, **fields)


def verified(action: Action, said: Verification, at: str, by: str, name: str) -> Action:
    """The action after somebody looked whether it worked. Raises Conflict, and Forbidden for its own owner."""
    if action.state is not ActionState.DONE:
        raise Conflict(f"an action that is {action.state} cannot be verified; first it is done")
    if by == action.done_by or name.casefold() == action.owner.casefold():
        raise Forbidden("an action is verified by somebody other than its owner")
    state = ActionState.VERIFIED if said.effective else ActionState.IN_PROGRESS
    return msgspec.structs.replace(
        action, version=action.version + 1, state=state, evidence=said.evidence, verified_at=at, verified_by=by
    )
