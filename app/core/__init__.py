"""What every room stands on: settings, clock, errors, logs, the database's door, keys, severity.

No rule of the product.
"""
