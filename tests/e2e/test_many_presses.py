"""A tablet on which somebody leans."""

from e2e.faces import Faces
from e2e.floor import Floor
from plant import wait_for
from playwright.sync_api import expect

#: Touches REJECT and a tile, as fast as the page draws them, but not more than one press each `pace` ms.
LEAN = """async ([presses, pace]) => {
    const until = ask => new Promise(done => {
        const look = () => { const found = ask(); found ? done(found) : setTimeout(look); };
        look();
    });
    const began = performance.now();
    for (let i = 0; i < presses; i++) {
        (await until(() => document.querySelector("button.refuse"))).click();
        await until(() => document.querySelector("button.tile"));
        document.querySelectorAll("button.tile")[i % 5].click();
        await until(() => performance.now() - began >= (i + 1) * pace);
    }
}"""


def test_a_hundred_presses_without_a_pause_are_each_there_once(floor: Floor, faces: Faces) -> None:
    """Every one in the journal under its own id; the complaints say how often, and nothing is left in the tablet."""
    tablet = faces.tablet("mill-2")
    tablet.heard()
    since = floor.ask("GET", "/board")["seq"]
    tablet.page.evaluate(LEAN, [100, 40])

    def rows() -> list[str]:
        found = floor.ask("GET", f"/journal?after={since}&limit=1000", who="qian")["rows"]
        return [r["event_id"] for r in found if r["station"] == "mill-2" and r["kind"] == "reject"]

    wait_for("all are recorded", lambda: len(rows()) >= 100, 30)
    expect(tablet.page.locator(".strip .waiting")).to_have_count(0)
    assert len(rows()) == len(set(rows())) == 100
    opened = floor.complaints("mill-2", kind="reject", state="open")
    assert sum(c["repeats"] + 1 for c in opened) == 100
    assert floor.document("mill-2")["outbox"]["waiting"] == 0
