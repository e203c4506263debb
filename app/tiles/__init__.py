"""What is flooded where: the map's tile documents, and every list of reports.

Owns the tiles table, `/tiles/{z}/{x}/{y}` and the lists at `/v1/reports`. Reads the indexes of the reports table
through its model. How the parts fit: docs/architecture.md; what they cost: docs/performance.md.
"""
