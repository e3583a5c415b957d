"""What the plant tells everybody before they sign in."""

from browser import Browser, MovedClock, serve

from threenos_server.db import Database

NOTICE = "Only for people of this plant.\nWhat is done here is recorded. 仅限本厂人员 <b>&amp;"


def test_who_is_not_signed_in_is_told_the_notice_as_it_was_written(db: Database, clock: MovedClock) -> None:
    """Whoever asks how to sign in; without the setting there is none."""
    assert Browser(serve(db, clock, sign_in_notice=NOTICE)).get("/session/ways").get_json()["notice"] == NOTICE
    assert Browser(serve(db, clock)).get("/session/ways").get_json()["notice"] == ""
