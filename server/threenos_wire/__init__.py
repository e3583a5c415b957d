"""The contract between a station and the server: topics, events and the messages that answer them."""
