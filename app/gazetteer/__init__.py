"""Which place a person means: postcodes, towns and coordinates, and the towns of a view. Owns the gazetteer.

Not here: floods, and where officials draw their lines (areas). Pure: may use geo, and nothing else.
"""
