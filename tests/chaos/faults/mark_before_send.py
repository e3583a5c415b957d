"""Mark before send: a notice is marked as sent, and handed over after that."""

from types import ModuleType
from typing import Any


def _sender(module: ModuleType) -> None:
    one = module.Sender._one

    def _one(self: Any, claimed: Any, contact: Any) -> None:
        with self._db.write() as session:
            module.service.sent(session, claimed.id, self._now())
        one(self, claimed, contact)

    module.Sender._one = _one


PATCHES = {"threenos_server.notify.sender": _sender}
