"""Every fold of the system, in the order in which they are applied."""

from threenos_server.journal.folding import Folds

FOLDS: Folds = ()
