"""Ingest the answer of a source of official warnings: compare it with what is stored and write the changes."""
