"""Find reports: search of active ones, history and deltas, the map's tile documents and the job that updates them.

Owns the tiles table. Design: docs/architecture.md; costs: docs/performance.md.
"""
