"""Time limits and retries of commands that call AWS."""

from botocore.config import Config

# Of calls about a stack, a parameter or an alarm.
TIMES = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 3, "mode": "standard"})
# Of calls about tables and their backups, which AWS answers later and refuses more often.
TIMES_OF_TABLES = Config(connect_timeout=3, read_timeout=30, retries={"total_max_attempts": 5, "mode": "standard"})
