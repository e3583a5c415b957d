"""Age is counted by the machine's uptime and is unknown when the machine was off."""

from threenos_station.ticks import MachineClock, Tick, age_ms


def test_age_is_the_difference_of_two_ticks_of_one_run() -> None:
    """Nanoseconds in, whole milliseconds out."""
    assert age_ms(Tick("boot-1", 5_000_000), Tick("boot-1", 1_005_999_999)) == 1000


def test_age_is_unknown_after_a_power_cut() -> None:
    """Nobody counted while the machine was off."""
    assert age_ms(Tick("boot-1", 5), Tick("boot-2", 10_000_000)) is None


def test_age_is_unknown_when_the_clock_went_back() -> None:
    """A clock that counts up cannot have gone back: it is another clock."""
    assert age_ms(Tick("boot-1", 10), Tick("boot-1", 5)) is None


def test_a_press_that_had_queued_in_the_browser_is_older() -> None:
    """What a tablet says of its own queue is added to the agent's age."""
    assert age_ms(Tick("b", 9_000_000_000).before(2500), Tick("b", 10_000_000_000)) == 3500


def test_two_agents_in_one_run_of_the_machine_share_the_clock() -> None:
    """An agent that is started again still knows how old the presses of the one before are."""
    then, now = MachineClock().tick(), MachineClock().tick()
    age = age_ms(then, now)
    assert age is not None and age < 1000
