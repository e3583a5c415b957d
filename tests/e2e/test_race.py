"""Two people who want the same complaint."""

from e2e.faces import Faces
from e2e.floor import Floor
from playwright.sync_api import Page, Route, expect


def test_two_supervisors_race_and_the_slower_keeps_the_draft(floor: Floor, faces: Faces) -> None:
    """The page says that somebody was faster, shows how it stands now, and keeps what was typed."""
    complaint = floor.press("motor-1", "reject", defect="unbalance", supplier="balancing")
    floor.press("motor-1", "arrive", complaint=complaint)
    faster, slower = (faces.desk(who, complaint=complaint) for who in ("sun", "qian"))
    held = _held_back(slower, "contain")
    for page, where in ((slower, "Q-99"), (faster, "Q-12")):
        page.get_by_role("button", name="Contained").click()
        page.locator("form textarea").fill("Two pallets")
        page.locator("form input").first.fill(where)
        page.get_by_role("button", name="Send").click()
    expect(faster.locator(".head strong")).to_have_text("Contained")
    held.pop().continue_()
    expect(slower.get_by_role("alert")).to_contain_text("Somebody was faster")
    expect(slower.get_by_role("alert")).to_contain_text("Contained · Supervisor")
    expect(slower.locator(".head strong")).to_have_text("Contained")
    expect(slower.locator("form input").first).to_have_value("Q-99")
    assert floor.complaint(complaint)["containment"]["where"] == "Q-12"


def test_two_phones_race_and_the_slower_is_told_kindly(floor: Floor, faces: Faces) -> None:
    """Both press "On my way" at once: one of them comes, the other reads that somebody was faster."""
    floor.press("motor-1", "reject", defect="varnish-drops", supplier="impregnation")
    phones = [faces.phone(who) for who in ("lin", "sun")]
    alarms = [phone.locator(".alarm").filter(has_text="Drops of varnish") for phone in phones]
    held = _held_back(phones[1], "acknowledge")
    alarms[1].get_by_role("button", name="On my way").tap()
    alarms[0].get_by_role("button", name="On my way").tap()
    expect(alarms[0]).to_contain_text("Team leader is on the way")
    held.pop().continue_()
    expect(alarms[1].get_by_role("alert")).to_contain_text("Somebody was faster")
    expect(alarms[1]).to_contain_text("Team leader is on the way")
    assert alarms[1].get_by_role("button", name="On my way").count() == 0


def _held_back(page: Page, command: str) -> list[Route]:
    """The requests for a command that this page's network does not let through yet."""
    held: list[Route] = []
    page.route(f"**/{command}*", lambda route: held.append(route))
    return held
