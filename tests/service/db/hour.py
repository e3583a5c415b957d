"""What the tests of backups share: people who press, and the type of the command line on their database."""

from collections.abc import Callable
from typing import Any

import pytest
from service.complaints.works import Works

Call = Callable[..., Any]
#: For what is the same on both databases, and has been shown there by the test beside it.
on_sqlite = pytest.mark.parametrize("own_db", ["sqlite"], indirect=True)


def press(works: Works, count: int) -> None:
    """As many presses, a second apart."""
    for _ in range(count):
        works.wait(seconds=1)
        works.press("mill-1", defect="porosity")
