"""What people see in a browser: `/`, `/docs`, `/docs/errors/...`, and the files these pages need under `/static/`.

Owns no table and no JSON of its own but the one line of `/`. Uses the kernel and the locks of app/accounts.
"""
