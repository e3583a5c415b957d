"""The live board: the snapshot that it draws, and the fold from journal rows to a delta."""
