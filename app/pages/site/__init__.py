"""Pages about the service, its description and its errors, and files that browsers and search engines ask for."""
