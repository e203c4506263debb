"""The outside world, one file per party. Each speaks their words and returns ours. No rule of ours, no Flask, no table."""
