"""The table of the life of a complaint: every pair answers."""

from itertools import product

import pytest

from threenos_server.complaints.life import OVER, TABLE, Command, ComplaintKind, Refused, State, move
from threenos_wire.events import Reason

EVERY = list(product(ComplaintKind, State, Command))


def test_every_pair_answers() -> None:
    """Each kind, state and command gives a state of the table or a refusal that says when it would be possible."""
    for kind, state, command in EVERY:
        answer = move(kind, state, command)
        if (kind, state, command) in TABLE:
            assert answer is TABLE[kind, state, command]
        else:
            assert isinstance(answer, Refused)
            assert answer.reason is Reason.NOT_ALLOWED
            assert command in answer.detail


def test_what_is_over_changes_no_more_but_by_reopening() -> None:
    """From closed, withdrawn or merged only `reopen` leads back."""
    left = {command for (_, state, command), to in TABLE.items() if state in OVER and to not in OVER}
    assert left == {Command.REOPEN}


@pytest.mark.parametrize("kind", [ComplaintKind.REJECT, ComplaintKind.STOP])
def test_the_way_of_a_complaint_about_product(kind: ComplaintKind) -> None:
    """open → acknowledged → arrived → contained → answered → closed, one command each."""
    way = [Command.ACKNOWLEDGE, Command.ARRIVE, Command.CONTAIN, Command.ANSWER, Command.ACCEPT]
    state = State.OPEN
    seen = [state]
    for command in way:
        to = move(kind, state, command)
        assert isinstance(to, State)
        state = to
        seen.append(state)
    assert seen == list(State)[:6]


def test_a_call_is_closed_by_acceptance_on_arrival() -> None:
    """A call has nothing to contain or to answer."""
    assert move(ComplaintKind.CALL, State.ARRIVED, Command.ACCEPT) is State.CLOSED
    assert isinstance(move(ComplaintKind.CALL, State.ARRIVED, Command.CONTAIN), Refused)
    assert isinstance(move(ComplaintKind.CALL, State.OPEN, Command.ANSWER), Refused)


def test_a_late_response_is_only_answered() -> None:
    """open → answered → closed, and declining opens it again."""
    kind = ComplaintKind.LATE_RESPONSE
    assert move(kind, State.OPEN, Command.ANSWER) is State.ANSWERED
    assert move(kind, State.ANSWERED, Command.ACCEPT) is State.CLOSED
    assert move(kind, State.ANSWERED, Command.DECLINE) is State.OPEN
    assert isinstance(move(kind, State.OPEN, Command.ACKNOWLEDGE), Refused)


def test_only_a_stop_is_released() -> None:
    """Release and override are commands of the line."""
    kinds = {kind for kind, _, command in TABLE if command in (Command.RELEASE, Command.OVERRIDE)}
    assert kinds == {ComplaintKind.STOP}
