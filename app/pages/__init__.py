"""The pages: what is happening now, report flooding, one report, warnings, areas, one's own account, and about this
service; and the pages for people who build on it.

`routes.py` lists them all; what a page does is loaded when somebody first asks for it. Owns no table. May use all rooms
that know something, and app/web for its frame.
"""
