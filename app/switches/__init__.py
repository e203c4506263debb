"""Switches: what staff turn on and off while the service runs, whom they block, and the notice on every page.

One row says all switches, another all blocks. Readers keep them for some seconds, so a change reaches everyone within
half a minute without a deploy. Changing them, with an audit row: app/review/switching.py and blocking.py. May use
accounts (areas) and the rooms below.
"""
