"""The same as the command `threenos`, for a parent process that knows only its own Python."""

import sys

from threenos_server.cli import main

sys.exit(main())
