"""The page of what is happening now."""
