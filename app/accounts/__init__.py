"""Who: accounts, sign-ins and tokens, the lock on every route, and the counters that slow down guessing.

Owns the tables accounts, tokens and throttles. May use http and what stands below, and knows no other room.
"""
