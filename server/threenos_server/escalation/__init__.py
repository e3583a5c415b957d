"""Deadlines, the loop that fires them, the auditor of that loop, and who has fallen silent."""
