"""Ack before commit: the stations are answered when everything is written, but before it is committed.

The commit is then slow, as on a busy disk, so that a kill falls between the two more than once in a thousand times. A
station that was answered deletes its event, and nobody has it any more.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import ModuleType
from typing import Any

SLOW_DISK_S = 0.3


def _receive(module: ModuleType) -> None:
    record, answers = module.Receiver._record, module._Answers

    def _record(self: Any, heard: Any) -> Any:
        made: list[Any] = []

        class Early(answers):  # type: ignore[misc, valid-type]  # the class is found at run time
            def __init__(self) -> None:
                super().__init__()
                made.append(self)

        class Hasty:
            @staticmethod
            @contextmanager
            def write() -> Iterator[Any]:
                with db.write() as session:
                    yield session
                    self._acknowledge(made[0].by_address)
                    Event().wait(SLOW_DISK_S)

        db, self._db, module._Answers = self._db, Hasty, Early
        try:
            return record(self, heard)
        finally:
            self._db, module._Answers = db, answers

    module.Receiver._record = _record


PATCHES = {"threenos_server.intake.receive": _receive}
