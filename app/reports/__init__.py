"""Reports of people: their rules, their table, and the importer of reports from files.

Owns the reports table. `index/` holds the ways to find reports: search, history, tile documents. HTTP is in app.api and
app.pages, official warnings are in app.warnings; app.situation joins reports and warnings.
"""
