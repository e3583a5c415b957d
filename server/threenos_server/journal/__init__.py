"""The append-only, hash-chained record of every event at a site; everything else is derived from it."""
