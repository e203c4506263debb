"""The pages: what is happening now, reports, warnings, areas, one's own account, and pages about this service.

`routes.py` lists them all; what a page does is loaded when somebody first asks for it. `frame/` is what all of them
share. Owns no table; `/static/` is served from here.
"""
