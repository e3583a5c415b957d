"""Complaints over HTTP, as their routes answer: lists, one with its history, and commands that are given once."""

from typing import Any

import msgspec
import pytest
from service.complaints.works import ALL, KEYS, SITE, Works, actor

from threenos_server.access import Actor, Role
from threenos_server.api import Answer, Call, Route
from threenos_server.complaints.queries import Filter, Page
from threenos_server.complaints.routes import ROUTES
from threenos_server.errors import Conflict, Forbidden, Invalid, NotFound

OWNER = actor(Role.PROCESS_OWNER)


def route(method: str, path: str) -> Route:
    return next(r for r in ROUTES.routes if (r.method, r.path) == (method, path))


def call(
    works: Works, method: str, path: str, by: Actor = ALL, *, query: Any = None, body: Any = None,
    version: int | None = None, key: str | None = None, **parts: str,
) -> Any:  # fmt: skip
    found = route(method, path)
    decoded = msgspec.convert(body, found.body) if found.body else None
    asked = msgspec.convert(query or {}, found.query, strict=False)
    return found.handler(Call(works.db, works.now, by, SITE, KEYS, parts, asked, decoded, version, key))


def ids(page: Page) -> list[str]:
    return [item["id"] for item in page.items]


def test_a_list_is_narrowed_and_paged(works: Works) -> None:
    """Newest first; every filter; a cursor goes on where the page ended."""
    one = works.press("pump-1", defect="leak", part="P-77")
    two = works.press("mill-1", "stop", supplier="maintenance", note="刀具 broke 100%")
    works.wait(hours=1)
    three = works.press("pump-2", "call", supplier="maintenance")
    works.says("pump-1", "withdraw", complaint=one, reason="slip")

    def listed(**query: Any) -> list[str]:
        return ids(call(works, "GET", "/complaints", query=query))

    assert listed() == [three, two, one]
    assert listed(line="assembly") == [three, one]
    assert listed(state=["withdrawn"]) == [one]
    assert listed(kind=["stop", "call"], supplier="maintenance") == [three, two]
    assert listed(customer="machining") == [two]
    assert listed(defect="leak") == [one]
    assert listed(**{"from": "2026-11-23T02:30:00Z"}) == [three]
    assert listed(to="2026-11-23T02:30:00Z") == [two, one]
    assert (listed(q="刀具"), listed(q="P-77"), listed(q="100%"), listed(q="%")) == ([two], [one], [two], [two])
    first = call(works, "GET", "/complaints", query={"limit": 2})
    assert ids(first) == [three, two]
    rest = call(works, "GET", "/complaints", query={"limit": 2, "cursor": first.next})
    assert (ids(rest), rest.next) == ([one], None)
    with pytest.raises(Invalid):
        listed(limit=0)
    assert set(Filter.__struct_encode_fields__) >= {
        "line", "state", "supplier", "customer", "defect", "kind", "from", "to", "q",
    }  # fmt: skip


def test_one_with_its_whole_history(works: Works) -> None:
    """What was said and what it changed, everybody it was charged to, and what I may do now."""
    id_ = works.press("pump-1", defect="leak", operator="B-1")
    again = works.press("pump-1", defect="leak")
    works.give(id_, "rule", reason="measured", made_at="washing")
    found: Answer = call(works, "GET", "/complaints/{id}", id=again)
    assert (found.version, found.body["id"]) == (3, id_)
    history = msgspec.to_builtins(found.body["history"])
    assert [row["kind"] for row in history] == ["reject", "reject", "rule"]
    assert history[1]["changed"] == {"presses": 2, "repeats": 1, "version": 2}
    assert history[2]["said"]["reason"] == "measured"
    assert history[0]["actor"].startswith("p-")
    assert "operator" not in history[0]["said"]
    charged = [(a.made_at, a.basis, a.attribution) for a in found.body["attributions"]]
    assert charged == [("leak-test", "defect-origin", "suspected"), ("washing", "ruling", "confirmed")]
    assert found.body["commands"] == ["acknowledge", "arrive", "withdraw", "dispute", "rule", "merge", "comment"]
    seen = call(works, "GET", "/complaints/{id}", OWNER, id=id_).body
    assert seen["commands"] == ["arrive", "dispute", "comment"]
    assert "actor" not in msgspec.to_builtins(seen["history"])[0]
    with pytest.raises(NotFound):
        call(works, "GET", "/complaints/{id}", id="01970000-0000-7000-8000-000000000001")


def test_a_command_with_a_key_is_given_once(works: Works) -> None:
    """The same request again is answered as before; the key for another request is a conflict."""
    id_ = works.press("pump-1", defect="leak")
    path = "/complaints/{id}/acknowledge"
    first = call(works, "POST", path, body={}, version=1, key="k1", id=id_)
    second = call(works, "POST", path, body={}, version=1, key="k1", id=id_)
    assert msgspec.to_builtins(first.body) == msgspec.to_builtins(second.body)
    assert (first.version, second.version) == (2, 2)
    assert works.kinds() == ["reject", "acknowledge"]
    with pytest.raises(Conflict, match="another request"):
        call(works, "POST", "/complaints/{id}/comment", body={"text": "x"}, key="k1", id=id_)
    works.wait(hours=25)
    commented = call(works, "POST", "/complaints/{id}/comment", body={"text": "x"}, key="k1", id=id_)
    assert commented.version == 2


def test_a_command_says_what_was_seen(works: Works) -> None:
    """Without If-Match it is invalid; a comment alone needs none."""
    id_ = works.press("pump-1", defect="leak")
    with pytest.raises(Invalid):
        call(works, "POST", "/complaints/{id}/acknowledge", body={}, id=id_)
    assert call(works, "POST", "/complaints/{id}/comment", body={"text": "hm"}, id=id_).version == 1


def test_lines_and_drills(works: Works) -> None:
    """Release and override name their complaint; drills are listed while they are armed."""
    id_ = works.contained("mill-1", "stop", supplier="maintenance")
    done = call(works, "POST", "/lines/{line}/release", body={"complaint": id_}, line="housing")
    assert done.body["stop"]["state"] == "released"
    call(works, "POST", "/drills", body={"line": "motor"})
    assert [d.line for d in call(works, "GET", "/drills")] == ["motor"]
    call(works, "DELETE", "/drills/{line}", line="motor")
    assert call(works, "GET", "/drills") == []


def test_a_stale_version_is_a_conflict_for_the_line_too(works: Works) -> None:
    """Whoever says what was seen is judged by it, be it an override, a release, or any other command."""
    pending = works.press("pump-1", "stop", supplier="maintenance")
    contained = works.contained("mill-1", "stop", supplier="maintenance")
    said = {"complaint": pending, "reason": "safe"}
    with pytest.raises(Conflict, match="you saw version 7"):
        call(works, "POST", "/lines/{line}/override", body=said, version=7, line="assembly")
    with pytest.raises(Conflict, match="you saw version 7"):
        call(works, "POST", "/lines/{line}/release", body={"complaint": contained}, version=7, line="housing")
    assert (works.line("assembly").state, works.line("housing").state) == ("stop-pending", "stopped")
    assert call(works, "POST", "/lines/{line}/override", body=said, version=1, line="assembly").version == 2


def test_a_list_shows_cards(works: Works) -> None:
    """As the board does: of what was decided about the product neither the notes nor the hours."""
    id_ = works.contained("pump-1", defect="leak", note="Wang said")
    works.give(id_, "dispose", decision="rework", qty=2, hours=3, note="by Li")
    (shown,) = call(works, "GET", "/complaints").items
    assert shown["disposition"] == [{"decision": "rework", "qty": 2}]
    assert "note" not in shown


def test_a_text_is_found_in_any_case(either: Works) -> None:
    """In both databases alike."""
    id_ = either.press("pump-1", defect="leak", note="Broke at the FLANGE")
    for text in ("flange", "BROKE", "Flange"):
        assert ids(call(either, "GET", "/complaints", query={"q": text})) == [id_]


def test_a_cursor_that_no_page_gave_is_refused() -> None:
    """No number is too large for a refusal."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"cursor": str(2**70)}, Filter, strict=False)


def test_a_token_for_a_board_reads_no_complaints(works: Works) -> None:
    """Nor does somebody without a role at the site."""
    for stranger in (Actor("board", "p-board", board_token=True), Actor("guest", "p-guest")):
        with pytest.raises(Forbidden):
            call(works, "GET", "/complaints", stranger)
