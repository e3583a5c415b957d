"""What the complaints say: pure figures, the tables they are read from, their pages and their exports."""
