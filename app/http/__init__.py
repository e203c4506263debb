"""The HTTP edge that all rooms share: strict JSON in, problems out, field types, headers, cursors.

Owns no table and no URL. Knows no room.
"""
