"""Where a person is told: with `notice_hosts`, no address is saved to which nothing may go."""

from browser import Browser, MovedClock, problem, serve, signed_in

from threenos_server.access import Grant, Role
from threenos_server.db import Database
from threenos_server.outward import Hosts

HOSTS = Hosts(("chat.plant", ".weixin.qq.com"))
GOOD = [
    "log:",
    "webhook+https://chat.plant/in?secret=s",
    "wecombot://botkey12345678901234567890123456789012",
]
BAD = {
    "webhook+https://chat.plant@elsewhere.plant/in?secret=s3cret": "elsewhere.plant",
    "json://10.0.0.5/s3cret": "10.0.0.5",
    "mailto://me:s3cret@plant.org?smtp=mail.elsewhere": "mail.elsewhere",
    "tgram://123456789:abcdefg_s3crets/12315544/": "api.telegram.org",
}


def administrator(db: Database, clock: MovedClock, hosts: Hosts) -> Browser:
    return signed_in(serve(db, clock, hosts=hosts), db, "Admin", Grant(Role.ADMIN))


def test_an_address_to_which_nothing_may_go_is_not_saved(db: Database, clock: MovedClock) -> None:
    """Neither of somebody new nor of somebody who is here; each fault has its place, the host and the setting."""
    admin = administrator(db, clock, HOSTS)
    ann = admin.post("/people", {"name": "Ann", "addresses": GOOD}).get_json()
    assert ann["addresses"] == GOOD
    for asked in (
        lambda wanted: admin.post("/people", {"name": "Bob", "addresses": wanted}),
        lambda wanted: admin.ask("PATCH", f"/people/{ann['id']}", {"addresses": wanted}),
    ):
        said = problem(asked([*GOOD, *BAD]))
        assert (said["status"], said["detail"]) == (422, "notices may not go there")
        assert [fault["pointer"] for fault in said["errors"]] == [f"#/addresses/{n}" for n in range(3, 7)]
        for fault, host in zip(said["errors"], BAD.values(), strict=True):
            assert fault["detail"].startswith(f"nothing goes to {host}, which the setting notice_hosts does not list")
        assert "s3cret" not in str(said)
    assert [p["name"] for p in admin.get("/people").get_json()["people"]] == ["Admin", "Ann"]
    assert admin.get(f"/people/{ann['id']}").get_json()["addresses"] == GOOD


def test_without_the_list_every_address_is_saved(db: Database, clock: MovedClock) -> None:
    """As it was before there was one."""
    admin = administrator(db, clock, Hosts())
    made = admin.post("/people", {"name": "Ann", "addresses": [*BAD, "nonsense"]})
    assert made.get_json()["addresses"] == [*BAD, "nonsense"]


def test_what_else_of_a_person_changes_whatever_the_addresses_are(db: Database, clock: MovedClock) -> None:
    """An address of before the list does not keep anybody from being renamed."""
    bob = administrator(db, clock, Hosts()).post("/people", {"name": "Bob", "addresses": [*BAD]}).get_json()
    admin = Browser(serve(db, clock, hosts=HOSTS))
    admin.sign_in("Admin")
    assert admin.ask("PATCH", f"/people/{bob['id']}", {"name": "Robert"}).get_json()["addresses"] == [*BAD]
