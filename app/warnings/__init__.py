"""What authorities say: official warnings, where they hold, and how each source does. Owns the warnings table.

Not here: reports (they know of warnings, never the other way round) and pages. May use areas, clients, the HTTP edge.
"""
