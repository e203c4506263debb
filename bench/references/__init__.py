"""The same three endpoints (health, read one, file one) on other frameworks. For comparison only."""
