"""The same three endpoints (health, read one, file one) on what others use. For comparison only."""
