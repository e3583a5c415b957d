"""What doctor sees: it only ever reads, and makes no file, no key and no table."""
