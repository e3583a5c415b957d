"""Who may do what: the roles, their scopes, and the actor of a request. Values only; people are looked up elsewhere."""

import hashlib
import hmac
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    WORKER = "worker"
    TEAM_LEADER = "team-leader"
    SUPERVISOR = "supervisor"
    PROCESS_OWNER = "process-owner"
    QUALITY_ENGINEER = "quality-engineer"
    DIRECTOR = "director"
    ADMIN = "admin"
    AUDITOR = "auditor"


EVERYBODY = frozenset(Role)


@dataclass(frozen=True, slots=True)
class Grant:
    """One role of one person, for a site, a line or a process; None is no limit."""

    role: Role
    site: str | None = None
    line: str | None = None
    process: str | None = None

    def covers(self, site: str | None, line: str | None, processes: Collection[str]) -> bool:
        """Whether it reaches that place. A place that is not asked about does not limit it."""
        return (
            (self.site is None or site is None or self.site == site)
            and (self.line is None or line is None or self.line == line)
            and (self.process is None or not processes or self.process in processes)
        )


@dataclass(frozen=True, slots=True)
class Actor:
    """Who asks: a signed-in person, known by a pseudonym; or the holder of a board token, who has no grants.

    A board token is good for the one site at which it was asked about, and for `board_line` alone if that is set.
    """

    name: str
    pseudonym: str
    grants: tuple[Grant, ...] = ()
    board_token: bool = False
    board_line: str | None = None

    def may(
        self,
        roles: Collection[Role],
        *,
        site: str | None = None,
        line: str | None = None,
        processes: Collection[str] = (),
    ) -> bool:
        """Whether one of the actor's grants is of one of `roles` and covers the place."""
        return any(g.role in roles and g.covers(site, line, processes) for g in self.grants)

    def may_whole(self, roles: Collection[Role], site: str) -> bool:
        """Whether one of the grants is of one of `roles` for the whole site, and not for a line or process only."""
        return any(
            g.role in roles and g.site in (None, site) and g.line is None and g.process is None for g in self.grants
        )


def pseudonym(key: bytes, site: str, badge_or_name: str) -> str:
    """The keyed pseudonym under which a person stands in the journal of a site."""
    digest = hmac.new(key, f"{site}\n{badge_or_name}".encode(), hashlib.sha256).hexdigest()
    return f"p-{digest[:24]}"


def arrival_code(key: bytes, complaint: str) -> str:
    """The three digits that the station shows and a responder's phone must give: proof of being there."""
    digest = hmac.new(key, f"arrive\n{complaint}".encode(), hashlib.sha256).digest()
    return f"{int.from_bytes(digest[:4], 'big') % 1000:03d}"
