"""What can be wrong with what somebody asked of the agent; the page turns it into problem details."""


class StationError(Exception):
    """Something that the person or program asking can understand and mend.

    `code` is what the page puts into words of either language; `field` names the part of the input, when it is one.
    """

    status = 400

    def __init__(self, code: str, detail: str, field: str | None = None) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.field = field


class BadPress(StationError):
    """A press that the wire's schema would not take; nothing was saved."""

    status = 422


class IdReused(StationError):
    """The id of an earlier press, with other contents; nothing was saved."""

    status = 409


class NotSaved(StationError):
    """The disk did not take it. Whoever pressed must be told at once."""

    status = 507


class NotRead(StationError):
    """The disk did not give what was saved there."""

    status = 500


class NotThere(StationError):
    """No such station, page or event here."""

    status = 404


class Denied(StationError):
    """Not from here, or not without pairing."""

    status = 403


class NotPaired(StationError):
    """The tablet has no cookie of ours; `/pair` gives it one for a code."""

    status = 401


class BadCertificate(StationError):
    """A certificate that stands in the way: the broker's (`not-trusted`) or ours (`certificate`)."""


class BadSettings(StationError):
    """The settings do not say what they must; the agent does not start."""
