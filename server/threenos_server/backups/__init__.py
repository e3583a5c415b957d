"""Copies of the database and of the journal outside of it, and the way back from them."""
