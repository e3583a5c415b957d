"""HTML and SVG as text, each piece escaped where it is made."""

from html import escape

#: Elements without an end.
_VOID = frozenset({"meta", "br", "hr", "circle", "line", "path", "polyline", "rect", "col"})


class Markup(str):
    """Text that is markup already; only this module makes it."""

    __slots__ = ()


def tag(name: str, *children: Markup | str | None, **attributes: object) -> Markup:
    """An element. `class_` is class, `id_` id, `stroke_width` is stroke-width; an attribute of None is left out."""
    said = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_written(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Markup(f"<{name}{said}/>")
    return Markup(f"<{name}{said}>{joined(*children)}</{name}>")


def joined(*children: Markup | str | None) -> Markup:
    """Pieces one after the other; what is no markup is escaped."""
    return Markup("".join(c if isinstance(c, Markup) else escape(c, quote=False) for c in children if c is not None))


def style(css: str) -> Markup:
    """A style sheet of our own."""
    return Markup(f"<style>{css}</style>")


def _written(value: object) -> str:
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
