"""Runs first in every process that the kill tests start, because they put this folder on its PYTHONPATH.

It watches with which durability SQLite commits, shortens the product's waiting, and seeds the one fault that is asked
for. The product knows nothing of it.
"""

import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType

_HERE = Path(__file__).parent


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(f"chaos_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class _Patching(importlib.abc.MetaPathFinder):
    """Applies a patch to a module as soon as that module has been executed."""

    def __init__(self, patches: dict[str, list[Callable[[ModuleType], None]]]) -> None:
        self._patches = patches

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name not in self._patches:
            return None
        for finder in sys.meta_path:
            if finder is not self and (spec := finder.find_spec(name, path, target)) is not None:
                if spec.loader is not None:
                    _after(spec.loader, self._patches[name])
                return spec
        return None


def _after(loader: importlib.abc.Loader, patches: list[Callable[[ModuleType], None]]) -> None:
    execute = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        execute(module)
        for patch in patches:
            patch(module)

    loader.exec_module = exec_module  # type: ignore[method-assign]  # the very point of this file


def _install() -> None:
    patches: dict[str, list[Callable[[ModuleType], None]]] = {}
    for name, patch in _load(_HERE / "pace.py").PATCHES.items():
        patches.setdefault(name, []).append(patch)
    if fault := os.environ.get("CHAOS_FAULT"):
        seeded = _load(_HERE.parent / "faults" / f"{fault}.py")
        for name, patch in seeded.PATCHES.items():
            patches.setdefault(name, []).append(patch)
    sys.meta_path.insert(0, _Patching(patches))
    _load(_HERE / "watch_syncs.py").install(Path(os.environ["CHAOS_SYNCS"]))


if "CHAOS_SYNCS" in os.environ:
    _install()
