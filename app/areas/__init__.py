"""Where officials draw their lines: flood areas and zones, names and outlines. Owns the areas table and /v1/areas.

Not here: what is warned of in them (warnings), who follows them. May use accounts' locks, clients, the HTTP edge.
"""
