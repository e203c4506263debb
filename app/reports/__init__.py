"""What people saw: reports, their rules, their table, and the importer of other people's reports.

Owns the reports table. `index/` holds all that finds them: search, history, tile documents. Not here: HTTP (app.api,
app.pages) and official warnings (app.warnings); what joins the two stands above, in app.situation.
"""
