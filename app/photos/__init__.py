"""Photos of reports: tickets for uploads, decisions about photos, their publication and their end."""
