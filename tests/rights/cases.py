"""What the matrix of rights asks of each route: what would succeed, or be told its fault, for whoever may.

`@name` in a query or body stands for what the place calls so; the parts of a path are filled in by their own names.
"""

from dataclasses import dataclass
from typing import Any

Json = Any


@dataclass(frozen=True, slots=True)
class Case:
    """`id` says which thing of the place stands for `{id}`; its version is sent as If-Match where it has one."""

    body: Json = None
    id: str = ""
    query: str = ""


PLAIN = Case()
REASON = {"reason": "because it is asked"}
DUTY = {"person": "@person", "role": "worker", "line": "@line", "from_on": "2026-11-23"}
ANSWER = {
    "cause_made": "worn tool", "cause_missed": "no gauge", "countermeasure": "tool life counter", "owner": "A. Owner",
    "due_on": "2026-12-01",
}  # fmt: skip
EFFECT = {
    "metric": "ppm", "baseline": "400", "from": "2026-11-24", "to": "2026-12-24", "result": "3", "effective": True,
}  # fmt: skip
#: So small a chain has faults, which are told only to whoever may save one.
CHAIN = {"site": {"id": "@site", "name": "x", "timezone": "UTC", "currency": "CNY"}}

CASES: dict[str, Case] = {
    "POST /session": Case({"name": "Nobody of that name", "password": "not a password of anybody"}),
    "GET /session": PLAIN,
    "PATCH /session": Case({"language": "en"}),
    "DELETE /session": PLAIN,
    "POST /session/password": Case({"password": "short"}),
    "POST /session/code": Case({"code": "000000"}),
    "GET /session/second-factor": PLAIN,
    "POST /session/second-factor": Case({"present_password": "a guess of it"}),
    "PUT /session/second-factor": Case({"sealed": "guessed", "code": "000000"}),
    "POST /session/second-factor/end": Case({"present_password": "a guess of it"}),
    "GET /session/ways": PLAIN,
    "POST /session/provider": PLAIN,
    "GET /session/provider/back": Case(query="state=guessed&code=guessed"),
    "GET /sessions": PLAIN,
    "POST /sessions/end": Case({}),
    "GET /first-run": PLAIN,
    "POST /first-run": Case({"code": "AAAA-BBBB-CCCC", "name": "Thief", "password": "a long enough password"}),
    "GET /chain": PLAIN,
    "GET /chain/versions": PLAIN,
    "GET /chain.yaml": Case(query="version=99"),
    "GET /chain.xlsx": Case(query="version=99"),
    "POST /chain/check": Case(CHAIN),
    "POST /chain/convert": Case(CHAIN),
    "PUT /chain": Case(CHAIN),
    "GET /standards": PLAIN,
    "PATCH /standards": Case({"links": [{"supplier": "no", "customer": "no", "standard": None}]}),
    "GET /defects": PLAIN,
    "PATCH /defects": Case({"defects": {"no": {}}}),
    "GET /calendar": PLAIN,
    "PATCH /calendar": Case({"shifts": [{}]}),
    "GET /rates": PLAIN,
    "PATCH /rates": Case({"rates": {"2026-01-01": {}}}),
    "GET /board": PLAIN,
    "GET /lines/{line}": PLAIN,
    "GET /asyncapi.json": PLAIN,
    "GET /journal": PLAIN,
    "GET /journal/verify": PLAIN,
    "GET /complaints": PLAIN,
    "GET /complaints/{id}": Case(id="opened"),
    "POST /complaints/{id}/acknowledge": Case({}, "opened"),
    "POST /complaints/{id}/arrive": Case({"code": "@code"}, "opened"),
    "POST /complaints/{id}/contain": Case({"what": "all", "where": "cage"}, "arrived"),
    "POST /complaints/{id}/dispose": Case({"decision": "scrap", "qty": 1}, "contained"),
    "POST /complaints/{id}/answer": Case(ANSWER, "contained"),
    "POST /complaints/{id}/accept": Case({"rating": 5}, "answered"),
    "POST /complaints/{id}/decline": Case(REASON, "answered"),
    "POST /complaints/{id}/reopen": Case(REASON, "closed"),
    "POST /complaints/{id}/withdraw": Case(REASON, "opened"),
    "POST /complaints/{id}/dispute": Case(REASON, "opened"),
    "POST /complaints/{id}/rule": Case(REASON | {"made_at": None}, "opened"),
    "POST /complaints/{id}/merge": Case(REASON | {"into": "@arrived"}, "opened"),
    "POST /complaints/{id}/comment": Case({"text": "seen"}, "opened"),
    "POST /lines/{line}/override": Case(REASON | {"complaint": "@stopped"}, "stopped"),
    "POST /lines/{line}/release": Case({"complaint": "@stopped"}, "stopped"),
    "GET /drills": PLAIN,
    "POST /drills": Case({"line": "@line"}),
    "DELETE /drills/{line}": PLAIN,
    "POST /counts": Case(
        {"process": "@process", "since": "2026-11-22T00:00:00Z", "until": "2026-11-22T01:00:00Z", "units": 9}
    ),
    "GET /deadlines": PLAIN,
    "GET /notices": PLAIN,
    "GET /quarantine": PLAIN,
    "POST /quarantine/{id}/retry": Case(id="quarantined"),
    "POST /quarantine/{id}/discard": Case(REASON, "quarantined"),
    "GET /people": PLAIN,
    "GET /people/{person}": PLAIN,
    "POST /people": Case({"name": "Somebody New", "roles": [{"role": "worker", "site": "@site", "line": "@line"}]}),
    "PATCH /people/{person}": Case({"language": "zh-CN"}),
    "DELETE /people/{person}": PLAIN,
    "DELETE /people/{person}/sessions": PLAIN,
    "POST /people/{person}/badges": Case({"badge": "B-2099"}),
    "GET /people/{person}/badges": PLAIN,
    "DELETE /people/{person}/badges/{pseudonym}": PLAIN,
    "POST /people/{person}/pin": PLAIN,
    "DELETE /people/{person}/pin": PLAIN,
    "GET /people/{person}/second-factor": PLAIN,
    "DELETE /people/{person}/second-factor": PLAIN,
    "POST /people/lookups": Case({"seq": "@seq", "reason": "because it is asked"}),
    "GET /rosters": PLAIN,
    "GET /rosters/now": Case(query="line=@line"),
    "POST /rosters": Case(DUTY),
    "PUT /rosters/{duty}": Case(DUTY),
    "DELETE /rosters/{duty}": PLAIN,
    "DELETE /stations/{station}/credentials": PLAIN,
    "POST /stations/{station}/credentials": PLAIN,
    "GET /board-tokens": PLAIN,
    "POST /board-tokens": Case({"label": "wall", "line": "@line"}),
    "DELETE /board-tokens/{token}": PLAIN,
    "GET /stations": PLAIN,
    "GET /reports": PLAIN,
    "GET /reports/complaints": PLAIN,
    "GET /reports/{name}": PLAIN,
    "GET /eight-d/{id}/file": Case(id="eight_d", query="format=xlsx"),
    "POST /packs": Case({"line": "@line", "week": "2031-W01"}),
    "GET /packs": Case(query="line=@line"),
    "GET /packs/{pack}": PLAIN,
    "GET /packs/{pack}/file": Case(query="format=xlsx"),
    "GET /actions": PLAIN,
    "POST /actions": Case(
        {"type": "corrective", "what": "x", "owner": "Bo", "due_on": "2026-12-01", "complaint": "@opened"}
    ),
    "GET /actions/{id}": Case(id="action"),
    "PATCH /actions/{id}": Case({"note": "x"}, "action"),
    "POST /actions/{id}/verify": Case({"effective": True, "evidence": "seen"}, "action_done"),
    "GET /eight-d": PLAIN,
    "POST /eight-d": Case({"title": "x", "complaints": ["@opened"]}),
    "GET /eight-d/{id}": Case(id="eight_d"),
    "PATCH /eight-d/{id}": Case({"d3": "x"}, "eight_d"),
    "POST /eight-d/{id}/verify": Case(EFFECT, "eight_d"),
    "POST /eight-d/{id}/close": Case(id="eight_d"),
    "PUT /photos/{sha256}": Case(b"not the picture of that name"),
    "GET /photos/{sha256}": PLAIN,
    "POST /attachments": Case(b"no picture at all"),
    "GET /attachments/{sha256}": PLAIN,
    "GET /health/live": PLAIN,
    "GET /health/ready": PLAIN,
    "GET /metrics": PLAIN,
    "GET /openapi.json": PLAIN,
    "GET /": PLAIN,
    "GET /desk": PLAIN,
    "GET /board/{path:rest}": PLAIN,
    "GET /desk/{path:rest}": PLAIN,
    "GET /assets/{path:name}": PLAIN,
    "GET /{name}": PLAIN,
}
