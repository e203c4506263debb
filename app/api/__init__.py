"""HTTP interface for machines: /v1, /tiles, /status.json, /healthz, /openapi.json. Owns no table.

Files are named by their noun: <noun>_routes.py, <noun>_schemas.py, <noun>_views.py.
"""
