"""The National Weather Service (United States)."""
