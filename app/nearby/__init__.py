"""One answer for both: what is flooded or warned of near a place. Owns /v1/nearby and /v1/warnings, and no table.

It knows reports and warnings, which do not know each other's lists. May use tiles, reports, warnings, areas.
"""
