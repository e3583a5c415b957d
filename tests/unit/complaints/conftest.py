"""Fixtures: the small plant, without a database."""

from collections.abc import Callable
from typing import Any

import pytest
from unit.complaints.floor import Floor, small_chain

from threenos_server.chain.model import Chain
from threenos_server.complaints.bodies import Contain
from threenos_server.complaints.decide.decision import Decision
from threenos_server.complaints.model import Complaint
from threenos_server.complaints.view import Plant


@pytest.fixture(scope="session")
def chain() -> Chain:
    return small_chain()


@pytest.fixture
def floor(chain: Chain) -> Floor:
    return Floor(Plant(chain))


@pytest.fixture
def contained(floor: Floor) -> Callable[..., Complaint]:
    """Presses and leads the complaint until it is contained."""

    def make(at: str = "assembly-1", kind: str = "reject", **said: Any) -> Complaint:
        opened = floor.press(at, kind, **said)
        assert isinstance(floor.says(at, "arrive", opened.id), Decision)
        assert isinstance(floor.desk(opened.id, "contain", Contain(what="all", where="cage 3")), Decision)
        return floor[opened.id]

    return make
