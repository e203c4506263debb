"""Who: accounts, sign-ins and tokens, the lock on every route, and the counters that slow down guessing.

Owns the tables accounts, tokens and throttles, and the URLs /v1/accounts, /v1/tokens and /v1/me (not what lies
below /v1/me). May use app/http and the kernel, and knows no other room.
"""
