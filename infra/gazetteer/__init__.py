"""Build what app/gazetteer reads: the pack under infra/data, and the small list that ships with the code."""
