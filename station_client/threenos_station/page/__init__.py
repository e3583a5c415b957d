"""The tablet page: served by the agent itself, so that it works when nothing else does."""
