"""Passwords that are tried first: the most common of those that leaked anywhere, and the words of this very system.

The list comes with a package and is read when somebody chooses a password; nobody is asked over a network.
"""

from functools import cache

#: Words that a guesser takes from the screen, the product and the post. A password of one of them and digits is none.
CONTEXT = frozenset({
    "threenos", "andon", "password", "passwort", "admin", "administrator", "operator", "worker", "teamleader",
    "supervisor", "processowner", "qualityengineer", "quality", "director", "auditor", "factory", "workshop", "plant",
    "welcome", "changeme", "三不", "安灯", "密码", "管理员", "班组长", "车间", "工厂",
})  # fmt: skip


def is_common(password: str, name: str = "") -> bool:
    """Whether it is on a guesser's list, or is the person's name or a word of ours with digits and signs around it."""
    folded = password.casefold()
    letters = _letters(folded)
    words = CONTEXT | {_letters(name.casefold())} - {""}
    return folded in _leaked() or (letters != "" and any(not letters.replace(word, "") for word in words))


def _letters(text: str) -> str:
    return "".join(c for c in text if c.isalpha())


@cache
def _leaked() -> frozenset[str]:
    """Some eleven thousand of eight characters and more."""
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # type: ignore[import-untyped]  # it has no types; large, so late

    return frozenset(word for word in FREQUENCY_LISTS["passwords"] if len(word) >= 8)
