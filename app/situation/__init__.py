"""One answer for reports and warnings together: near a place or anywhere, how far knowledge reaches, and plain words.

Owns no table. Knows reports and warnings, which do not know each other.
"""
