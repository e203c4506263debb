"""What people saw: reports, filed, edited, withdrawn, imported.

Owns the reports table, `/v1/reports` (but for its lists) and `/v1/me/reports`. Not the lists and the map (app.tiles),
not who people are (app.accounts). May use accounts, formats, http and the kernel.
"""
