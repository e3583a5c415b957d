"""A name in both languages, and what may be an id."""

from dataclasses import dataclass

from threenos_wire.topics import ID


@dataclass(frozen=True, slots=True)
class Name:
    """What a person reads, in English and in simplified Chinese. As JSON it is {"en", "zh"}."""

    en: str
    zh: str

    def as_dict(self) -> dict[str, str]:
        return {"en": self.en, "zh": self.zh}


def is_id(text: str) -> bool:
    """Whether `text` is `[a-z0-9][a-z0-9-]{0,31}`."""
    return ID.fullmatch(text) is not None
