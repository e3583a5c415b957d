"""Who is on duty, out of the rows of a roster."""

from datetime import date

from threenos_server.access import Role
from threenos_server.people.model import Duty, on_duty

MONDAY = date(2026, 11, 23)
LEADER, SUPERVISOR = Role.TEAM_LEADER, Role.SUPERVISOR


def test_a_duty_counts_for_its_line_role_and_shift() -> None:
    """Another line, role or shift is not its duty; a duty without a line or shift is for all of them."""
    duties = [
        Duty("1", "li", LEADER, line="motor", shift="early"),
        Duty("2", "wang", LEADER, line="housing", shift="early"),
        Duty("3", "zhao", LEADER, line="motor", shift="late"),
        Duty("4", "sun", SUPERVISOR),
    ]
    assert on_duty(duties, LEADER, "motor", "winding", MONDAY, "early") == ["li"]
    assert on_duty(duties, SUPERVISOR, "motor", None, MONDAY, "late") == ["sun"]
    assert on_duty(duties, LEADER, "motor", None, MONDAY, None) == []


def test_a_duty_counts_on_its_days() -> None:
    """Both its first and its last day belong to it."""
    duty = Duty("1", "li", LEADER, from_on=date(2026, 11, 23), to_on=date(2026, 11, 24))
    found = [on_duty([duty], LEADER, "motor", None, date(2026, 11, day), "early") for day in (22, 23, 24, 25)]
    assert found == [[], ["li"], ["li"], []]


def test_a_call_asks_for_everybody_at_the_function() -> None:
    """Without a role those on duty at that very process answer, whatever their role, and nobody else."""
    duties = [
        Duty("1", "mech", Role.WORKER, process="maintenance"),
        Duty("2", "chief", Role.PROCESS_OWNER, process="maintenance"),
        Duty("3", "li", LEADER, line="motor"),
    ]
    assert on_duty(duties, None, "motor", "maintenance", MONDAY, "early") == ["mech", "chief"]
    assert on_duty(duties, Role.WORKER, "motor", "winding", MONDAY, "early") == []


def test_a_substitute_takes_the_place_of_the_absent() -> None:
    """In its days a substitution replaces the holder, in its line only, and a substitute may have one."""
    holder = Duty("1", "li", LEADER, line="motor")
    other = Duty("2", "li", LEADER, line="housing")
    stand_in = Duty("3", "wang", LEADER, line="motor", stands_in_for="li")
    second = Duty("4", "zhao", LEADER, stands_in_for="wang")
    assert on_duty([holder, other, stand_in], LEADER, "motor", None, MONDAY, "early") == ["wang"]
    assert on_duty([holder, other, stand_in], LEADER, "housing", None, MONDAY, "early") == ["li"]
    assert on_duty([holder, stand_in, second], LEADER, "motor", None, MONDAY, "early") == ["zhao"]


def test_substitutes_in_a_circle_still_name_somebody() -> None:
    """Two who stand in for each other do not make the question endless."""
    duties = [
        Duty("1", "li", LEADER),
        Duty("2", "wang", LEADER, stands_in_for="li"),
        Duty("3", "li", LEADER, stands_in_for="wang"),
    ]
    assert on_duty(duties, LEADER, "motor", None, MONDAY, "early") == ["wang"]
