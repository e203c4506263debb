"""Paths of the first phone clients: six deprecated routes that use the same code as `/v1`.

Owns `/register`, `/authenticate`, `/report_flood`, `/view_floods`, `/flood_warnings` and `/simplified_flood_areas`, and
no table. Their sentences, types and order of checks are fixed: the shipped clients compare and decode them strictly,
and ignore the status. May use the rooms below; only app.further_rooms uses it.
"""
