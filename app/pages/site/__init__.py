"""The pages about the service, its description, and its errors."""
