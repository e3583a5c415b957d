"""When there is too little to judge by: an answer, not an empty chart."""

from dataclasses import dataclass

#: Montgomery, Introduction to Statistical Quality Control, 7th ed., 6.2: 20 to 25 samples for trial limits.
POINTS = 20
#: The normal approximation behind three sigma wants an expected count of 5 (Cochran 1952); under 1.4, a quarter of the
#: points would be 0 and no limit shows an improvement (Provost & Murray 2011, The Health Care Data Guide, ch. 5).
EXPECTED = {"shewhart": 5.0, "exact": 1.4, "weibull": 1.4}


@dataclass(frozen=True, slots=True)
class Judgement:
    """How much there was and how much it takes; `expected` is the mean count, None where nothing is counted."""

    points: int
    points_needed: int
    expected: float | None
    expected_needed: float | None

    @property
    def enough(self) -> bool:
        """Both hold: the stronger of the two criteria decides."""
        return self.points >= self.points_needed and (
            self.expected is None or self.expected_needed is None or self.expected >= self.expected_needed
        )


def judge(points: int, expected: float | None, limits: str) -> Judgement:
    """`points` made the limits; `expected` is their mean count. More than 20 points do not make up for empty ones."""
    return Judgement(points, POINTS, expected, None if expected is None else EXPECTED[limits])
