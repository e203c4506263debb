"""What operators and machines ask about the service itself: alive, well, and what it offers.

Owns `/healthz`, `/status.json` and `/openapi.json`; no table.
"""
