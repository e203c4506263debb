"""Official warnings and flood areas: their rows, their search, and the status of each source.

Owns the warnings and areas tables. `sources/` reads the issuers, `ingest/` stores their messages.
"""
