"""One board as some sockets see it (a site, or one line of it), and how far each of them has been told."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from threenos_server.board.delta import Asked, Written, delta_of
from threenos_server.board.model import Board, Delta, fold

#: So many deltas are kept for sockets that come back with a hole; whoever missed more gets a snapshot.
KEPT = 1000


@dataclass(slots=True)
class View:
    """`reached` is the journal row up to which `board` stands; `told` has for each socket the seq it was told last."""

    board: Board
    reached: int
    told: dict[str, int] = field(default_factory=dict)
    kept: deque[Delta] = field(default_factory=lambda: deque(maxlen=KEPT))

    def take(self, rows: Sequence[Written], asked: Asked) -> Delta | None:
        """Take over the rows that it has not reached; what they change of it, if anything."""
        new = [row for row in rows if row.seq > self.reached]
        if not new:
            return None
        delta = delta_of(self.board | {"seq": self.reached}, new, asked)
        self.reached = new[-1].seq
        if delta is not None:
            self.board = fold(self.board, delta)
            self.kept.append(delta)
        return delta

    def replace(self, board: Board) -> None:
        """Begin again from a snapshot; what was kept for the sockets that come back is of no use any more."""
        self.board, self.reached = board, board["seq"]
        self.kept.clear()

    def snapshot(self) -> Board:
        return self.board | {"seq": self.reached}

    def missed(self, after: int) -> list[Delta] | None:
        """The deltas that follow `after`, each with the `prev` that its hearer knows; None: only a snapshot helps."""
        floor = self.kept[0]["prev"] if self.kept else self.reached
        if not 0 < after <= self.reached or after < floor:
            return None
        deltas, prev = [], after
        for delta in self.kept:
            if delta["seq"] > after:
                deltas.append(delta | {"prev": prev})
                prev = delta["seq"]
        return deltas

    def groups(self) -> dict[int, list[str]]:
        """The sockets by the seq that each was told last: a message is encoded once for all of a group."""
        groups: dict[int, list[str]] = {}
        for socket, seq in self.told.items():
            groups.setdefault(seq, []).append(socket)
        return groups
