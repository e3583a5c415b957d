"""`threenos chain`: check, import, export, example."""

import os
from argparse import Namespace
from pathlib import Path

from threenos_server.chain import example as factory
from threenos_server.chain.document import Checked, check, from_yaml
from threenos_server.chain.service import SourceKind, export_xlsx, export_yaml, save, source_of
from threenos_server.cli.show import line, say
from threenos_server.errors import Fault, Invalid, NotFound, ThreenosError
from threenos_server.settings import Settings

_KINDS: dict[str, SourceKind] = {".yaml": "yaml", ".yml": "yaml", ".json": "json", ".xlsx": "xlsx"}


def check_file(_settings: Settings, args: Namespace) -> int:
    """Report every error and warning of a document; 1 when there is an error. Needs no database."""
    path = Path(args.file)
    try:
        checked = check(source_of(_read(path), _kind(path)))
    except Invalid as e:
        checked = Checked(e.faults or (Fault(str(path), e.detail),), (), None)
    say(
        args,
        {"ok": checked.chain is not None, "errors": _plain(checked.errors), "warnings": _plain(checked.warnings)},
        "\n".join([*_report(checked), _verdict(path, checked)]),
    )
    return int(checked.chain is None)


def _verdict(path: Path, checked: Checked) -> str:
    if checked.chain is None:
        return f"{path}: {len(checked.errors)} error(s)"
    chain = checked.chain
    return (
        f"{path}: sound; site {chain.site.id} with {len(chain.lines)} lines, {len(chain.processes)} processes, "
        f"{len(chain.stations)} stations, {len(chain.defects)} defect codes; {len(checked.warnings)} warning(s)"
    )


def load(settings: Settings, args: Namespace) -> None:
    """Make a document the chain that counts; with an error in it nothing is changed."""
    from threenos_server.cli.open import database
    from threenos_server.clock import utc_now

    path = Path(args.file)
    source = source_of(_read(path), _kind(path))
    with database(settings) as db, db.write() as session:
        chain = save(session, source, None, utc_now())
    say(
        args,
        {"site": chain.site.id, "version": chain.version},
        f"The chain of {chain.site.id} is now version {chain.version}.",
    )


def export(settings: Settings, args: Namespace) -> None:
    """Write the chain that counts, as YAML or XLSX by the name of the file."""
    from threenos_server.cli.open import database, one_site

    path = Path(args.file)
    with database(settings, create=False) as db:
        site = one_site(db, args.site)
        with db.read() as session:
            xlsx = _kind(path) == "xlsx"
            content = export_xlsx(session, site) if xlsx else export_yaml(session, site).encode()
    try:
        path.write_bytes(content)
    except OSError as e:
        raise ThreenosError(f"{path}: {e.strerror}") from e
    say(args, {"site": site, "file": str(path)}, f"The chain of {site} is written to {path}.")


def example(_settings: Settings, args: Namespace) -> None:
    """Print the example factory."""
    from threenos_server.chain import write

    if args.json:
        say(args, write.document(check(from_yaml(factory.text())).sound()), "")
    else:
        line(factory.text().removesuffix(os.linesep))


def _kind(path: Path) -> SourceKind:
    kind = _KINDS.get(path.suffix.lower())
    if kind is None:
        raise Invalid(f"{path}: the name says what it is: one of {', '.join(_KINDS)}")
    return kind


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as e:
        raise NotFound(f"{path}: {e.strerror}") from e


def _plain(faults: tuple[Fault, ...]) -> list[dict[str, str]]:
    return [{"where": f.where, "detail": f.detail} for f in faults]


def _report(checked: Checked) -> list[str]:
    return [f"error: {f.where}: {f.detail}" for f in checked.errors] + [
        f"warning: {f.where}: {f.detail}" for f in checked.warnings
    ]
