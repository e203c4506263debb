"""What the first phone clients call: six old paths, thin over the same acts that `/v1` calls.

Owns `/register`, `/authenticate`, `/report_flood`, `/view_floods`, `/flood_warnings` and `/simplified_flood_areas`, all
deprecated, and no table. Their sentences, types and order of checks are fixed: the shipped clients compare and decode
them strictly, and look at no status. May use the rooms below; nobody uses it but app.factory.
"""
