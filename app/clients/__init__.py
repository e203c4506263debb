"""The outside world, one file per party. Each speaks their words and returns ours; no rule, no Flask."""
