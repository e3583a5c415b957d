"""The factory as a chain of internal customers: its site, lines, processes, stations, links and defect codes."""
