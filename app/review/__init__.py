"""Votes, flags and confidence of reports; the responders' queue and decisions; acts of staff, and their audit.

Owns the tables votes, review and audit; to the audit rows are only added. Knows reports, warnings, switches and
accounts, and never loads the web framework.
"""
