"""Switches: what staff turn on and off while the service runs, and the notice of staff on every page.

One row says all. Readers keep it for some seconds, so a change reaches everyone within half a minute without a deploy.
Changing it, with its audit row: app/review/switching.py. It may use accounts (areas), core and what lies below.
"""
