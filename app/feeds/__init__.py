"""Feeds for whatever takes a URL: newsrooms, sirens, maps, spreadsheets. GeoJSON, Atom, RSS, CSV and CAP.

Owns `/feeds` and no table: the same queries, views and words as the lists of `app.api`. May use `app.api` and the rooms
below; only `app.further_rooms` and `app.pages` use it.
"""
