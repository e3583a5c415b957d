"""Every fold of the system, in the order in which they are applied."""

from threenos_server.board.fold import FOLD as BOARD
from threenos_server.chain.fold import FOLD as CHAIN
from threenos_server.complaints.fold import FOLD as COMPLAINTS
from threenos_server.escalation.fold import FOLD as ESCALATION
from threenos_server.journal.folding import Folds
from threenos_server.reports.fold import FOLD as REPORTS

#: Reports reads complaints as they stood before the batch, so it comes before them.
FOLDS: Folds = (CHAIN, BOARD, REPORTS, COMPLAINTS, ESCALATION)
