"""What makes a station's page an installable app, in the language of the page."""

from collections.abc import Mapping

import msgspec

from threenos_station.page.answers import Answer

_COLOUR = "#15191f"
_WORDS = {
    "en": ("en", "{name} – Threenos", "Refuse what is bad, stop the line, call for help."),
    "zh": ("zh-CN", "{name} – Threenos", "拒收不良品、停线、呼叫支援。"),
}


def manifest(station: str, names: Mapping[str, str], language: str) -> Answer:
    """The app of one station; the names are the chain's, and the id stands in for a missing one."""
    tongue, title, what = _WORDS[language]
    name = names.get(language) or next(iter(names.values()), station)
    described = {
        "id": f"/station/{station}", "start_url": f"/station/{station}", "scope": "/station/",
        "name": title.format(name=name), "short_name": name, "description": what, "lang": tongue,
        "display": "fullscreen", "display_override": ["fullscreen", "standalone"], "orientation": "any",
        "background_color": _COLOUR, "theme_color": _COLOUR,
        "icons": [
            {"src": "/icons/192.png", "sizes": "192x192", "type": "image/png"},
            {"src": "/icons/512.png", "sizes": "512x512", "type": "image/png"},
            {"src": "/icons/maskable.png", "sizes": "512x512", "type": "image/png", "purpose": "maskable"},
        ],
    }  # fmt: skip
    return Answer(msgspec.json.encode(described), 200, "application/manifest+json", {"Cache-Control": "no-cache"})
