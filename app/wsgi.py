"""The app as `serverless wsgi serve` and other WSGI servers look for it."""

from app.factory import create_app

app = create_app()
