"""The way in, step by step, on a system of its own that has a notice and asks administrators for a second factor."""

from collections.abc import Iterator, Mapping
from pathlib import Path

from browser import Telephone
from e2e.camera import DESKS, PHONES, TV, Camera, Shoot, seen
from e2e.faces import LANGUAGES
from plant import RunningSystem
from playwright.sync_api import Page

from threenos_server.access import Grant, Role
from threenos_server.chain import example
from threenos_server.clock import utc_now
from threenos_server.db import Database
from threenos_server.people import service as people

NOTICE = (
    "本系统仅限授权人员使用，操作会被记录。\n"
    "Only people of this plant may sign in. What is done here is recorded.\n\n"
    "帮助 / Help: IT 8-4711"
)
GIVEN, OWN, WRONG = "given by somebody", "what nobody else knows", "000000"
SPEAKS = {"en": "en", "zh": "zh-CN"}
#: For each size somebody else, since most of it is done once: somebody with a short name, and with a long one.
NAMES: Mapping[str, tuple[str, str]] = {
    "en": ("Mei Lin", "Alexandra Schwarzenberger-Müllersdorff"),
    "zh": ("林梅", "阿依古丽·买买提艾力"),
}


def signing_in(camera: Camera, folder: Path) -> None:
    """The door, an own password, the second factor and its codes, the code that is asked for, and one's own account."""
    system = RunningSystem(folder / "data", "--sign-in-notice", NOTICE, "--second-factor", "admins")
    try:
        (folder / "factory.yaml").write_text(example.text())
        system.threenos("chain", "import", str(folder / "factory.yaml"))
        _hire(system)
        camera.each("sign-in", TV, system.http + "/board", seen("wall", ".notice"))
        camera.each("sign-in", PHONES, system.http + "/board", _Way("worker").board)
        camera.each("sign-in", DESKS, system.http + "/desk", _Way("chief").desk)
        camera.each("sign-in", DESKS, system.http + "/desk", _Way("leader").account)
    finally:
        system.close()


def _hire(system: RunningSystem) -> None:
    """Everybody has a password that somebody gave them, and the language of their picture."""
    db = Database(system.url)
    roles = {"worker": Role.TEAM_LEADER, "chief": Role.ADMIN, "leader": Role.TEAM_LEADER}
    try:
        with db.write() as session:
            for language in LANGUAGES:
                for kind, role in roles.items():
                    for name in NAMES[language]:
                        people.add(
                            session, _called(name, kind), utc_now(), grants=[Grant(role)], password=GIVEN,
                            first=kind != "leader", language=SPEAKS[language],
                        )  # fmt: skip
    finally:
        db.close()


def _called(name: str, kind: str) -> str:
    """A name of its own for each of the walks."""
    return {"worker": f"{name} 2", "chief": name, "leader": f"{name} 3"}[kind]


class _Way:
    """The walks of one kind of people; each walk is somebody else's."""

    def __init__(self, kind: str) -> None:
        self._next: dict[str, Iterator[str]] = {
            language: iter([_called(name, kind) for name in names]) for language, names in NAMES.items()
        }

    def board(self, page: Page, shoot: Shoot, language: str) -> None:
        """At the board: as far as the own password."""
        page.locator(".notice").wait_for()
        shoot("board-door", full=True)
        _type_in(page, next(self._next[language]), GIVEN)
        page.locator("[name=new-password]").wait_for()
        shoot("board-own")

    def desk(self, page: Page, shoot: Shoot, language: str) -> None:
        """At the desk, as an administrator: everything that may be lacking, and once more with what there is then."""
        name = next(self._next[language])
        page.locator(".notice").wait_for()
        shoot("door", full=True)
        _type_in(page, name, WRONG)
        _refused(page)
        shoot("door-wrong", full=True)
        _type_in(page, name, GIVEN)
        page.locator("[name=new-password]").fill(GIVEN)
        shoot("own", full=True)
        page.keyboard.press("Enter")
        _refused(page)
        shoot("own-wrong", full=True)
        page.locator("[name=new-password]").fill(OWN)
        page.keyboard.press("Enter")
        telephone = _set_up(page, shoot, "")
        page.locator(".recovery .strong").click()
        page.locator("header .menu, header .me").first.wait_for()
        page.context.clear_cookies()
        page.reload()
        _type_in(page, name, OWN)
        self._code(page, shoot, telephone)

    def _code(self, page: Page, shoot: Shoot, telephone: Telephone) -> None:
        page.locator(".digits").wait_for()
        shoot("code")
        page.locator(".digits").fill(WRONG)
        page.keyboard.press("Enter")
        _refused(page)
        shoot("code-wrong")
        page.locator(".step .other").click()
        page.locator(".step input").fill("7KQM-2XRT-9BDF-7KQM-2XRT-9BDF")
        shoot("recovery-code")
        page.keyboard.press("Enter")
        _refused(page)
        shoot("recovery-code-wrong")
        page.locator(".step input").fill(telephone.recovery[0])
        page.keyboard.press("Enter")
        page.locator(".sign-in").wait_for(state="detached")

    def account(self, page: Page, shoot: Shoot, language: str) -> None:
        """My account, as somebody who may choose: without, setting up, with it."""
        _type_in(page, next(self._next[language]), GIVEN)
        page.locator(".sign-in").wait_for(state="detached")
        page.goto(page.url + "/admin/mine")
        again = page.locator(".factor input")
        again.wait_for()
        shoot("mine-without", full=True)
        again.fill(WRONG)
        page.keyboard.press("Enter")
        _refused(page)
        shoot("mine-wrong", full=True)
        again.fill(GIVEN)
        page.keyboard.press("Enter")
        _set_up(page, shoot, "mine-")
        page.locator(".recovery .strong").click()
        page.locator(".factor .good").wait_for()
        shoot("mine-with", full=True)


def _type_in(page: Page, name: str, password: str) -> None:
    page.locator("[name=username]").fill(name)
    page.locator("[name=password]").fill(password)
    page.keyboard.press("Enter")


def _refused(page: Page) -> None:
    page.get_by_role("alert").first.wait_for()


def _set_up(page: Page, shoot: Shoot, where: str) -> Telephone:
    """The key into a telephone, a wrong code, the right one, and the codes that stand in for it."""
    page.locator("svg.qr").wait_for()
    shoot(f"{where}set-up", full=True)
    telephone = Telephone(page.locator(".set-up code").inner_text().replace(" ", ""))
    page.locator(".digits").fill(WRONG)
    page.keyboard.press("Enter")
    _refused(page)
    shoot(f"{where}set-up-wrong", full=True)
    page.locator(".digits").fill(telephone.code(utc_now()))
    page.keyboard.press("Enter")
    page.locator(".recovery li").first.wait_for()
    shoot(f"{where}recovery", full=True)
    telephone.recovery = page.locator(".recovery li").all_inner_texts()
    return telephone
