"""Feeds of the Common Alerting Protocol, 1.0 to 1.2."""
