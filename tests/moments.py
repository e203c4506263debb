"""The moment at which tests' clocks stand still."""

NOON = 1_795_262_400  # 2026-11-21T12:00:00Z, where an hour and every shorter window begin
