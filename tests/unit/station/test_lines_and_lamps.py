"""What a button's line means, and which lamps a document lights."""

import msgspec
import pytest

from threenos_station.document import Document, Heard, LinkState, Waiting, lit
from threenos_station.errors import BadPress
from threenos_station.lines import parse_press
from threenos_station.words import WORDS, say


def document(state: object = None, *, heard: bool = True, waiting: int = 0) -> Document:
    raw = None if state is None else msgspec.Raw(msgspec.json.encode(state))
    return Document(
        station="w2", server=Heard(heard, None), link=LinkState(True, None), setup=None, state=raw,
        outbox=Waiting(waiting, None), parked=[], presses=[],
    )  # fmt: skip


def test_a_line_is_a_press_with_its_fields() -> None:
    """Quoted text, numbers and lists."""
    line = 'press reject defect=scratch qty=2.5 serials=A1,A2 note="two words" drill=true'
    assert parse_press(line) == {
        "kind": "reject", "defect": "scratch", "qty": 2.5, "serials": ["A1", "A2"], "note": "two words", "drill": True,
    }  # fmt: skip


@pytest.mark.parametrize("line", ["", "press", "stop", "press reject colour=red", "press reject qty=two", 'press "'])
def test_a_line_that_is_no_press_is_refused(line: str) -> None:
    """A wrong button is named in the log and presses nothing."""
    with pytest.raises(BadPress):
        parse_press(line)


def test_lamps_follow_what_the_station_knows() -> None:
    """Saved, then recorded, then acknowledged; stopped with the line; not heard whenever it is so."""
    assert lit(document()) == frozenset()
    assert lit(document(heard=False, waiting=1)) == {"not-heard", "saved"}
    state = {"line": {"state": "stopped"}, "complaints": [{"state": "open"}, {"state": "arrived"}]}
    assert lit(document(state)) == {"recorded", "acknowledged", "stopped"}
    assert lit(document({"line": None, "complaints": None})) == frozenset()


def test_every_word_is_there_in_both_languages() -> None:
    """With the same blanks to fill in."""
    import string

    for english, chinese in WORDS.values():
        blanks = [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (english, chinese)]
        assert blanks[0] == blanks[1]
    assert say("not-running", {"LANG": "zh_CN.UTF-8"}) == "代理未运行"
    assert say("not-running", {"LANG": "C"}) == "the agent is not running"
