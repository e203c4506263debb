"""A storm of alerts in virtual time: the real functions, a cloud in memory, and a judge who knows whom to expect."""
