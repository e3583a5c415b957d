"""What a notice says, in both languages."""

import re
from itertools import product
from typing import Any

import pytest

from threenos_server.access import Role
from threenos_server.escalation.auditor import Problem
from threenos_server.notify import wording
from threenos_server.notify.model import NoticeKind
from threenos_server.notify.wording import message, text

PARAMS: dict[str, Any] = {
    "complaint_kind": "stop",
    "names": {
        "line": {"en": "Housing line", "zh": "壳体线"},
        "station": {"en": "Machining centre 1", "zh": "加工中心1"},
        "supplier": {"en": "Trimming", "zh": "切边去毛刺"},
        "defect": {"en": "Scratch", "zh": "划伤"},
    },
    "time": "10:11",
    "role": "supervisor",
    "clock": "arrive",
    "due_on": "2026-11-25",
    "problem": "not-fired",
    "count": 2,
    "of": "stop",
    "waited_s": 190,
    "nobody": ["team-leader"],
    "late_s": 130,
    "replay": True,
}


def test_a_stop_in_english() -> None:
    """Place, time, defect, supplier, and what is unusual about it."""
    worded = message([(NoticeKind.STOP, PARAMS)], "en")
    assert worded.title == "STOP"
    assert worded.body == (
        "STOP · Housing line · Machining centre 1 · 10:11: Scratch, supplier: Trimming, nobody there after 3 min, "
        "nobody on the roster as team leader, told 2 min late, sent again after an outage"
    )


def test_an_escalation_in_chinese() -> None:
    """Names, roles and remarks are all in the person's language."""
    worded = message([(NoticeKind.ESCALATION, PARAMS)], "zh-CN")
    assert worded.title == "升级通知（主管）：停线"
    assert "壳体线 · 加工中心1" in worded.body
    assert "排班表中无人担任：班组长" in worded.body
    assert not re.search(r"[A-Za-z]{3}", worded.body)


def test_several_are_counted_in_the_title_and_listed_in_the_body() -> None:
    """A joined message lists all."""
    worded = message([(NoticeKind.REJECT, PARAMS), (NoticeKind.REJECT, PARAMS), (NoticeKind.LATE, PARAMS)], "en")
    assert worded.title == "3 notices: 2 rejects, 1 missed limits"
    assert len(worded.body.splitlines()) == 3


@pytest.mark.parametrize(("kind", "language"), list(product(NoticeKind, ["en", "zh-CN"])))
def test_every_kind_has_words_in_both_languages(kind: NoticeKind, language: str) -> None:
    """No kind of notice lacks a wording, alone or among others."""
    assert message([(kind, PARAMS)], language).body
    assert message([(kind, PARAMS)] * 2, language).title


def test_a_drill_says_so_first() -> None:
    """Nobody takes a drill for the real thing."""
    assert message([(NoticeKind.DRILL, PARAMS)], "en").title.startswith("DRILL")
    assert message([(NoticeKind.DRILL, PARAMS)], "zh-CN").title.startswith("演练")


def test_every_role_clock_and_problem_has_a_name() -> None:
    """What can stand in a notice can be worded."""
    roles = [r for r in [*Role, "function"] if r != Role.ADMIN]
    for language in ("en", "zh-CN"):
        assert all(text(f"role:{role}", language) for role in roles)
        assert all(text(f"problem:{problem}", language, count=1) for problem in Problem)


def test_both_texts_take_the_same_values() -> None:
    """A translation neither forgets nor invents a value."""
    for english, chinese in wording._TEXT.values():
        assert sorted(re.findall(r"{(\w+)}", english)) == sorted(re.findall(r"{(\w+)}", chinese))


def test_what_was_not_said_is_said_to_be_unknown() -> None:
    """A press without a defect reads as one."""
    params = {"complaint_kind": "reject", "names": {"line": {"en": "L", "zh": "线"}}}
    assert "not said yet" in message([(NoticeKind.REJECT, params)], "en").body
