"""Shared foundation of all rooms: settings, clock, errors, logs, access to the database, keys, severity.

No rule of the product.
"""
