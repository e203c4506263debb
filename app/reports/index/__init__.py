"""Find reports: the search for active ones, history and deltas, the map's tile documents and their consumer.

Owns the tiles table. How the parts fit: docs/architecture.md; what they cost: docs/performance.md.
"""
