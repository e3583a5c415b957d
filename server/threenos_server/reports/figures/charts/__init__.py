"""Control charts: `draw(kind, readings, options)` gives a `Chart`. One module for each family of charts."""

from threenos_server.reports.figures.charts.drawing import draw
from threenos_server.reports.figures.charts.model import Chart, Kind, Limits, Options, Phase, Point, Reading, Sums

__all__ = ["Chart", "Kind", "Limits", "Options", "Phase", "Point", "Reading", "Sums", "draw"]
