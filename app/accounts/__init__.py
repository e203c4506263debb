"""Accounts, sessions and tokens, the lock on every route, and the counters that limit guessing.

Owns the tables accounts, tokens and throttles. May use mail, gazetteer, http, and the rooms below, and knows no other
room.
"""
