"""The one error tree. HTTP turns it into problem details in one place, the command line into exit codes."""

import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in an input: where (a JSON pointer, or a file line) and what to do about it.

    `code` and the names in `about` say the same for whoever tells it in another language; not every fault has them.
    """

    where: str
    detail: str
    code: str = ""
    about: tuple[str, ...] = ()


class ThreenosError(Exception):
    """Something that the person or program asking can understand and mend."""

    status = 400
    title = "Refused"

    def __init__(self, detail: str, *faults: Fault) -> None:
        super().__init__(detail)
        self.detail = detail
        self.faults = faults


class NotFound(ThreenosError):
    status = 404
    title = "Not found"


class Conflict(ThreenosError):
    """Somebody was faster, or the state does not allow it. `present` is the state as it stands now."""

    status = 409
    title = "Conflict"

    def __init__(self, detail: str, present: dict[str, object] | None = None) -> None:
        super().__init__(detail)
        self.present = present


class Invalid(ThreenosError):
    status = 422
    title = "Invalid"


class Unauthenticated(ThreenosError):
    status = 401
    title = "Sign in first"


class Forbidden(ThreenosError):
    status = 403
    title = "Not allowed"


class PasswordEnded(Unauthenticated):
    """A first password that was not used in time; an administrator gives another."""


class Unfinished(Forbidden):
    """Somebody is on the way in. `lacks` names what is still asked for, and nothing else is let in until then."""

    title = "Finish signing in first"

    def __init__(self, detail: str, lacks: str) -> None:
        super().__init__(detail)
        self.lacks = lacks


class TooMany(ThreenosError):
    """Asked too often; `retry_after_s` says when it may be tried again."""

    status = 429
    title = "Too many attempts"

    def __init__(self, detail: str, retry_after_s: int) -> None:
        super().__init__(detail)
        self.retry_after_s = retry_after_s


class NotInstalled(ThreenosError):
    """This machine lacks a package; `detail` names it."""

    status = 503
    title = "Not installed here"


def from_release(lock: str) -> str:
    """How this installation gets what a lock file of the release has: an index may have anything under our name."""
    return f"in the folder of the release, {Path(sys.prefix, 'bin', 'pip')} install --require-hashes -r {lock}"
