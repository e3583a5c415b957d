"""The intake process: the link to the broker, the receiver that records, the herald that tells the stations."""

import gc
import sys
import threading
from collections.abc import Callable
from functools import partial
from time import monotonic

import structlog

from threenos_server import api
from threenos_server.clock import Now, utc_now
from threenos_server.db import Database
from threenos_server.intake.herald import Herald
from threenos_server.intake.link import BrokerAddress, Link
from threenos_server.intake.receive import Receiver
from threenos_server.people.badges import checker

#: How long the herald may keep the receiver from a press that came: a tenth of what Python takes by itself.
SWITCH_S = 0.0005
#: A receiver that was not seen for this long hears nothing, and the stations must not be told otherwise.
PULSE_S = 4.0

log = structlog.get_logger("intake")


def run(db: Database, keys: api.Keys, broker: BrokerAddress, stop: threading.Event, now: Now = utc_now) -> None:
    """Receive and tell until `stop`. A thread that ends before is a fault: the process ends, to be started again."""
    link = Link(broker, now)
    receiver = Receiver(db, keys, link, checker(keys.pseudonym, now), now)
    herald = Herald(db, keys, link, partial(_hears, link, receiver), now, receiver.tally)
    threads = [_watched("receiver", receiver.run, stop), _watched("herald", herald.run, stop)]
    link.on_dropped = partial(receiver.tally.count, dropped=1)
    link.on_broker_dropped = receiver.tally.broker_dropped
    link.start()
    for thread in threads:
        thread.start()
    stop.wait()
    link.close()
    for thread in threads:
        thread.join(10)


def _hears(link: Link, receiver: Receiver) -> bool:
    return link.connected() and monotonic() - receiver.pulse < PULSE_S


def tune() -> None:
    """Set this process up for what it does all day.

    A batch makes many small values that live for one transaction: collecting as usual cost a third of it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(10_000, 20, 50)
    sys.setswitchinterval(SWITCH_S)


def _watched(name: str, body: Callable[[threading.Event], None], stop: threading.Event) -> threading.Thread:
    """A thread whose end ends the process: nothing of the intake may die in silence."""

    def run() -> None:
        try:
            body(stop)
        except Exception:  # ends the process, which is started again
            log.exception("thread ended", thread=name)
        stop.set()

    return threading.Thread(target=run, name=name, daemon=True)
