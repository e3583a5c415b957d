"""Charts whose points stand alone: each has its own centre and limits, whatever came before it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from threenos_server.reports.figures.charts.model import Reading, Spot, distance, side_of


@dataclass(frozen=True, slots=True)
class Shewhart:
    """`place` says where one reading lies by what the baseline has taught."""

    centre: float
    place: Callable[[Reading], Spot]
    sigma: float | None = None
    sigma_z: float | None = None

    def follow(self, readings: Sequence[Reading], skipped: Sequence[bool]) -> list[Spot]:  # noqa: ARG002 - see Fit
        return [self.place(reading) for reading in readings]


def three_sigma(value: float, centre: float, sigma: float, top: float | None = None) -> Spot:
    """A spot with centre ± 3 sigma, kept between 0 and `top`: nothing that is counted can lie outside."""
    upper = centre + 3 * sigma
    return Spot(
        value=value,
        centre=centre,
        lower=max(0.0, centre - 3 * sigma),
        upper=upper if top is None else min(top, upper),
        z=distance(value, centre, sigma),
        side=side_of(value, centre),
    )
