"""Combine reports and warnings in one answer, near a place or anywhere, with source coverage and plain words.

Owns no table. Knows reports and warnings, which do not know each other.
"""
