"""The commands behind `threenos-station`; each takes the settings and the parsed flags and returns its exit code."""

import logging
import os
import signal
import socket
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec

from threenos_station.errors import StationError
from threenos_station.kept import heads
from threenos_station.lines import field_value
from threenos_station.local import DATABASE, AgentRuns, ask, read_note
from threenos_station.outbox import Fate, Outbox, new_boot
from threenos_station.pairing import Pairing, known_as, pairing_address
from threenos_station.press import compose
from threenos_station.qr import blocks
from threenos_station.settings import Page, Settings
from threenos_station.store import Store
from threenos_station.ticks import MachineClock
from threenos_station.words import say
from threenos_wire.ids import new_id


def run(settings: Settings, args: Any) -> int:
    """Serve until SIGTERM or SIGINT."""
    from threenos_station.agent import Agent  # the other commands start faster without it

    logging.basicConfig(level=args.log_level, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    ends, wakes = socket.socketpair()
    wakes.setblocking(False)
    # Written from C in whichever thread the kernel interrupts; a Python handler would wait for this one to wake up.
    signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: None)
    agent = Agent(settings)
    try:
        agent.start()
        stations = ", ".join(agent.stations)
        url = agent.page.url if agent.page else None
        told = {"stations": list(agent.stations), "url": url, "pid": os.getpid()}
        _print(args, told, say("serving" if url else "no-page", stations=stations, url=url))
        ends.recv(1)
    finally:
        agent.stop()
    return 0


def press(settings: Settings, args: Any) -> int:
    """Press through the running agent, or straight into the outbox; with --wait, until the server has spoken."""
    from threenos_station.cli import fields_of

    station = settings.entry(args.station).id
    given = fields_of(args)
    # Its id is chosen first: an agent whose answer was lost may have saved it, and it must not be there twice.
    event_id = new_id()
    fields = {"id": event_id, "kind": args.kind, **{name: field_value(name, text) for name, text in given.items()}}
    composed = compose(fields, MachineClock())
    folder = Path(settings.data)
    agent = _through_agent(folder, station, fields)
    store = Store(folder / DATABASE)
    try:
        outbox = Outbox(store)
        if not agent:
            agent = not outbox.append(station, new_boot(), composed)
        if args.wait is None:
            _print(args, {"id": event_id, "saved": True, "agent": agent},
                   say("saved" if agent else "saved-later", id=event_id))  # fmt: skip
            return 0
        fate = _wait(settings, station, outbox, event_id, args.wait, agent)
    finally:
        store.close()
    return _tell_fate(args, event_id, fate, agent)


def _through_agent(folder: Path, station: str, fields: dict[str, Any]) -> bool:
    """Whether the running agent says that it saved it; no when there is no agent that answers."""
    note = read_note(folder)
    if note is None:
        return False
    try:
        status, answer = ask(note, "POST", f"/api/stations/{station}/presses", fields)
    except OSError:
        return False
    if status != 201:
        raise StationError(str(answer.get("code")), str(answer.get("detail")))
    return True


def _wait(settings: Settings, station: str, outbox: Outbox, event_id: str, seconds: float, running: bool) -> Fate:
    """Watch the outbox; when no agent runs, be one meanwhile."""
    from threenos_station.agent import Agent

    end = time.monotonic() + seconds
    agent = None
    if not running:
        only = [settings.entry(station)]
        try:
            agent = Agent(msgspec.structs.replace(settings, station=only, page=Page(enabled=False), input=[], lamp=[]))
            agent.start()
        except AgentRuns:
            agent = None  # somebody has just started one: it takes the event with it
    try:
        while (fate := outbox.fate(event_id)).waiting and time.monotonic() < end:
            time.sleep(0.02)
        return fate
    finally:
        if agent is not None:
            agent.stop()


def _tell_fate(args: Any, event_id: str, fate: Fate, agent: bool) -> int:
    told = {
        "id": event_id,
        "saved": True,
        "agent": agent,
        "recorded": fate.recorded,
        "reason": fate.reason,
        "detail": fate.detail,
    }
    if fate.recorded:
        words = say("recorded", id=event_id)
    elif fate.waiting:
        words = say("not-yet", id=event_id, seconds=args.wait)
    else:
        words = say("refused", reason=fate.reason, detail=fate.detail)
    _print(args, told, words)
    return 0 if fate.recorded else 1


def status(settings: Settings, args: Any) -> int:
    """What the running agent says of itself; without one, what stands in the outbox."""
    note = read_note(Path(settings.data))
    try:
        told = ask(note, "GET", "/api/status")[1] if note else None
    except OSError:
        told = None
    running = told is not None
    told = told or _at_rest(settings)
    lines = [] if running else [say("not-running")]
    for s in told["stations"]:
        problem = (s["link"]["problem"] or {}).get("detail", "") if running else say("not-running")
        heard = say("heard") if s["server"]["heard"] else say("not-heard", problem=problem)
        waiting, parked_ = s["outbox"]["waiting"], len(s["parked"])
        lines.append(say("station", station=s["station"], heard=heard, waiting=waiting, parked=parked_))
    for one in (told.get("certificate"), *told.get("certificates", ())):
        if one and one["problem"]:
            lines.append(say("certificate", file=one["file"], day=one["until"][:10]))
    _print(args, told, "\n".join(lines))
    return 0 if running else 1


def _at_rest(settings: Settings) -> dict[str, Any]:
    store = Store(Path(settings.data) / DATABASE)
    try:
        outbox = Outbox(store)
        stations = []
        for entry in settings.station:
            depth = outbox.depth(entry.id)
            waiting = {"waiting": depth.waiting, "oldest_at": depth.oldest_at}
            parked_ = [{"event": r.id, "kind": r.kind, "at": r.at, "reason": r.reason, "detail": r.detail}
                       for r in outbox.parked(entry.id)]  # fmt: skip
            server = {"heard": False, "since": None}
            stations.append({"station": entry.id, "server": server, "outbox": waiting, "parked": parked_})
        return {"running": False, "stations": stations}
    finally:
        store.close()


def pair(settings: Settings, args: Any) -> int:
    """Give a code for one tablet, or unpair all."""
    store = Store(Path(settings.data) / DATABASE)
    try:
        pairing = Pairing(store)
        if args.forget_all:
            count = pairing.forget_all()
            _print(args, {"unpaired": count}, say("unpaired", count=count))
            return 0
        code = pairing.new_code()
    finally:
        store.close()
    url = pairing_address(_page_address(settings), code)
    words = say("code", code=f"{code[:4]} {code[4:]}", url=url.partition("#")[0])
    _print(args, {"code": code, "url": url}, f"{words}\n\n{blocks(url)}")
    return 0


def _page_address(settings: Settings) -> str:
    """Where tablets reach the page: on the port of the agent that runs, which may be a free one, or as it will be."""
    note = read_note(Path(settings.data))
    port = urlsplit(note.url).port if note else settings.page.port
    return f"http://{known_as(settings.page)}:{port}"


def parked(settings: Settings, args: Any) -> int:
    """List what the server refused, or let it wait again, or give it up."""
    store = Store(Path(settings.data) / DATABASE)
    try:
        outbox = Outbox(store)
        chosen = args.retry or args.discard
        if chosen is None:
            entries = [settings.entry(args.station)] if args.station else settings.station
            rows = [r for e in entries for r in outbox.parked(e.id)]
            told = [{n: getattr(r, n) for n in ("id", "station", "kind", "at", "reason", "detail")} for r in rows]
            _print(args, told, "\n".join(say("parked", **t) for t in told))
            return 0
        station, event_id = settings.entry(args.station).id, None if chosen == "all" else chosen
        count = outbox.retry(station, event_id) if args.retry else outbox.discard(station, event_id)
        _print(args, {"count": count}, say("retried" if args.retry else "discarded", count=count))
        return 0 if count else 1
    finally:
        store.close()


def witness(settings: Settings, args: Any) -> int:
    """Write the remembered heads of the journals, one JSON object a line."""
    store = Store(Path(settings.data) / DATABASE)
    try:
        known = heads(store)
    finally:
        store.close()
    Path(args.file).write_bytes(b"".join(msgspec.json.encode(head) + b"\n" for head in known))
    _print(args, {"count": len(known), "file": args.file}, say("exported", count=len(known), file=args.file))
    return 0


def _print(args: Any, told: Any, words: str) -> None:
    text = msgspec.json.encode(told).decode() if args.json else words
    if text:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()
