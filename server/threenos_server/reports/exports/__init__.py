"""Documents as files: CSV, XLSX and PDF, in both languages. What makes them is imported when it is asked for."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from threenos_server.api import Answer
from threenos_server.reports.document import Document
from threenos_server.reports.exports.words import Language

if TYPE_CHECKING:
    from threenos_server.reports.eight_d_file import Report
    from threenos_server.reports.packs import Contents


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of file: its media type, how its name ends, and what makes it of a document."""

    media_type: str
    suffix: str
    render: Callable[[Document, Language], bytes]


def to_csv(document: Document, language: Language) -> bytes:
    """All tables, one after the other, and what they mean."""
    from threenos_server.reports.exports import csv_file  # only who exports pays for it

    return csv_file.write(document, language)


def to_xlsx(document: Document, language: Language) -> bytes:
    """A workbook with native charts."""
    from threenos_server.reports.exports import xlsx  # only who exports pays for it

    return xlsx.write(document, language)


def to_pdf(document: Document, language: Language) -> bytes:
    """Pages of A4. Raises NotInstalled."""
    from threenos_server.reports.exports import page, press  # only who exports pays for it

    return press.pressed(page.html(document, language))


CSV = Form("text/csv", "csv", to_csv)
XLSX = Form("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx", to_xlsx)
PDF = Form("application/pdf", "pdf", to_pdf)
FORMS: Mapping[str, Form] = {form.suffix: form for form in (CSV, XLSX, PDF)}


def answer(document: Document, form: str, language: Language) -> Answer:
    """The document as a file to be saved, named by its report and period. Raises NotInstalled."""
    made = FORMS[form]
    name = f"{document.report}_{document.period.from_}_{document.period.to}_{language}.{made.suffix}"
    return attachment(made.render(document, language), made.media_type, name)


def pack_file(shown: "Contents", form: str, language: Language) -> bytes:
    """A review pack as `pdf` or `xlsx`. Raises NotInstalled."""
    from threenos_server.reports.exports import pack, press  # only who exports pays for it

    return press.pressed(pack.html(shown, language)) if form == "pdf" else pack.workbook(shown, language)


def eight_d_file(shown: "Report", form: str, language: Language) -> bytes:
    """An 8D as `pdf` or `xlsx`. Raises NotInstalled."""
    from threenos_server.reports.exports import eight_d, press  # only who exports pays for it

    return press.pressed(eight_d.html(shown, language)) if form == "pdf" else eight_d.workbook(shown, language)


def attachment(data: bytes, media_type: str, name: str, sha256: str | None = None) -> Answer:
    """A file to be saved under an ASCII name; its hash is its ETag."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"}
    if sha256 is not None:
        headers["ETag"] = f'"{sha256}"'
    return Answer(data, media_type=media_type, headers=headers)
