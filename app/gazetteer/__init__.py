"""Places by name, postcode, grid reference or position; countries and their emergency numbers.

Owns the gazetteer table, which infra/gazetteer builds and one command loads; until then a small list that ships with
the code is used. Not here: floods, and the rows of official areas (app.warnings).
"""
