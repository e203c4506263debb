"""The app for `serverless wsgi serve` and other WSGI servers."""

from app.factory import create_app

app = create_app()
