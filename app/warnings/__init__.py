"""Official warnings and flood areas: their rows, search, and how each source does.

Owns the warnings and areas tables. `sources/` reads the issuers, `ingest/` takes in what they say.
"""
