"""The outbox of notices, how they are grouped and worded, and their senders."""
