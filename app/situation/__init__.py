"""Combine reports and warnings in one answer, near a place or anywhere, with source coverage and plain words.

Owns the documents with the numbers of reports inside warnings, in the table tiles. Knows reports and warnings, which do
not know each other.
"""
