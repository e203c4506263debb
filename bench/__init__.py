"""The benchmark: cold start, the cost of a request, and consumed capacity. `python -m bench --help`.

Only ratios and counts carry over to another machine; the figures of a run are in docs/performance.md.
"""
