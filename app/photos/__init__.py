"""Photos of reports: tickets for uploads, decisions about photos, their publication and their end.

Owns the bucket of photos and no table: the row of a report lists its photos (app/reports/photo_column.py). Knows
reports and review.
"""
