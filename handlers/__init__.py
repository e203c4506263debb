"""The Lambda functions: one file each, which turns an AWS event into one call. No rule and no query."""
