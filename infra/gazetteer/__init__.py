"""Build the gazetteer's data: the pack under infra/data, and the small list that ships with the code."""
