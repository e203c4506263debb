"""The pages: what is happening now, reports, warnings, areas, one's own account, and pages about this service.

`routes.py` lists them all; the code of a page is loaded at its first request. `frame/` is shared by all pages. Owns no
table; `/static/` is served from here.
"""
