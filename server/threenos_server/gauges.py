"""What Prometheus is told of the whole system, read from its tables at each scrape: the same from every web worker.

Above all domains, like the composition that hangs it in. Every query is by an index that holds only what is open, or
of a table that stays small.
"""

from collections.abc import Iterable, Iterator

import sqlalchemy as sa
import structlog
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector
from sqlalchemy.orm import Session

from threenos_server.beats import ServiceBeat
from threenos_server.clock import Now
from threenos_server.complaints.tables import ComplaintRow, WaitingEvent
from threenos_server.db import Database
from threenos_server.escalation.auditor import OVERDUE
from threenos_server.escalation.model import DeadlineState
from threenos_server.escalation.tables import DeadlineRow, StationPresence
from threenos_server.intake import tally
from threenos_server.intake.tables import Quarantined
from threenos_server.journal.tables import Site
from threenos_server.notify import service as notices

Values = Iterable[tuple[tuple[str, ...], float]]

log = structlog.get_logger("metrics")


class Gauges(Collector):
    """Without the database only that it is away, so that the rest of the exposition is still read."""

    def __init__(self, db: Database, now: Now) -> None:
        self._db, self._now = db, now

    def collect(self) -> Iterable[Metric]:
        up = GaugeMetricFamily("threenos_database_up", "1 when the tables could be read for this scrape.")
        try:
            with self._db.read() as session:
                found = [*self._of_intake(session), *self._of_sites(session)]
        except sa.exc.SQLAlchemyError as e:
            log.warning("tables not read for the metrics", error=str(e))
            found = []
        up.add_metric((), 1 if found else 0)
        return [up, *found]

    def _of_intake(self, session: Session) -> Iterator[Metric]:
        counts = tally.read(session)
        waiting = counts.pop(tally.WAITING, 0)
        yield _gauge("intake_waiting", "Messages that wait in the intake to be recorded.", (), [((), waiting)])
        events = CounterMetricFamily(
            "threenos_intake_events", "What became of events and messages.", labels=("outcome",)
        )
        for outcome in ("recorded", "refused", "quarantined", "dropped"):
            events.add_metric((outcome,), counts.get(outcome, 0))
        yield events
        dropped = [((), counts[tally.BROKER_DROPPED])] if tally.BROKER_DROPPED in counts else []
        yield _gauge("broker_dropped", "Messages that the broker says it has dropped since it began.", (), dropped)
        now = self._now()
        beats = [((b.name,), (now - b.at).total_seconds()) for b in session.scalars(sa.select(ServiceBeat))]
        yield _gauge("service_silent_seconds", "Since a service was heard of.", ("service",), beats)

    def _of_sites(self, session: Session) -> Iterator[Metric]:
        rows = CounterMetricFamily("threenos_journal_rows", "Rows of the journal.", labels=("site",))
        for site in session.scalars(sa.select(Site).order_by(Site.id)):
            rows.add_metric((site.id,), site.seq)
        yield rows
        live = _count(session, ComplaintRow.live.is_not(None), ComplaintRow.site, ComplaintRow.kind, ComplaintRow.state)
        yield _gauge("complaints", "Complaints that are not over.", ("site", "kind", "state"), live)
        open_ = DeadlineRow.state == DeadlineState.OPEN
        yield _gauge("deadlines_open", "Deadlines to come.", ("site",), _count(session, open_, DeadlineRow.site))
        late = sa.and_(open_, DeadlineRow.due_at <= self._now() - OVERDUE)
        text = "Deadlines that should have fired half a minute ago and have not."
        yield _gauge("deadlines_overdue", text, ("site",), _count(session, late, DeadlineRow.site))
        text = "Notices that have not gone out yet, and why."
        yield _gauge("notices_waiting", text, ("site", "reason"), notices.waiting(session).items())
        text = "What could not be read or placed and is not settled."
        unsettled = _count(session, Quarantined.settled_at.is_(None), sa.func.coalesce(Quarantined.site, ""))
        yield _gauge("quarantine", text, ("site",), unsettled)
        text = "Events that wait for their complaint, or for a hole before them to close."
        yield _gauge("events_waiting", text, ("site",), _count(session, sa.true(), WaitingEvent.site))
        silent = _count(session, StationPresence.silent_since.is_not(None), StationPresence.site)
        yield _gauge("stations_silent", "Stations that are not heard.", ("site",), silent)
        query = sa.select(StationPresence.site, sa.func.sum(StationPresence.outbox)).group_by(StationPresence.site)
        held = [((site,), int(held)) for site, held in session.execute(query)]
        yield _gauge("station_outbox", "Events that stations hold back, as they last said.", ("site",), held)


def _count(session: Session, where: sa.ColumnElement[bool], *by: sa.SQLColumnExpression[str]) -> Values:
    query = sa.select(sa.func.count(), *by).where(where).group_by(*by)
    return [(tuple(map(str, row[1:])), row[0]) for row in session.execute(query)]


def _gauge(name: str, text: str, labels: tuple[str, ...], values: Values) -> Metric:
    gauge = GaugeMetricFamily(f"threenos_{name}", text, labels=labels)
    for of, value in values:
        gauge.add_metric(of, value)
    return gauge
