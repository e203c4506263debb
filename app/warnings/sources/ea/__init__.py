"""The Environment Agency (England)."""
