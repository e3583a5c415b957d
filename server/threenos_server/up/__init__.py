"""Everything on this machine: the supervisor of broker, web, intake and clock. An edge; nobody imports it."""
