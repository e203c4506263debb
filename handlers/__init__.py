"""The Lambda functions: one file each, an AWS event becomes one call. No rule and no query."""
