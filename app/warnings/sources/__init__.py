"""The issuers of official warnings: one folder for each protocol. Their words become ours here and nowhere else."""
