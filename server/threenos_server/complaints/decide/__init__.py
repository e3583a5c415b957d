"""What an event or a command does: pure functions from the plant as it stands to a decision or a refusal."""
