"""MQTT in: a process of its own that records presses, acknowledges after the commit, and tells the stations."""
