"""Readers of official warnings, one folder for each protocol. Only they know the issuers' own terms."""
