"""Structured log: one line for each request and each item handled. No personal data, no exact place."""

import json
import logging
import sys
import time
import traceback
from functools import cache
from typing import Any

from app.core.config import VERSION, settings

MEASURE = logging.CRITICAL + 11  # written at every log level
logging.addLevelName(MEASURE, "MEASURE")
_MOST_CAUSES = 5
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class _OneLine(logging.Formatter):
    """Format a record as a JSON object on one line; line breaks and control characters are escaped."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created)) + f".{int(record.msecs):03d}Z",
            "level": record.levelname,
            "message": record.getMessage(),
            "version": VERSION,
        }
        line |= {name: value for name, value in vars(record).items() if name not in _STANDARD}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)

    def formatException(self, ei: Any) -> str:  # noqa: N802 - the library's name
        """Return the frames and the error's class; its text may quote what a person wrote."""
        error, parts = ei[1], list[str]()
        while error is not None and len(parts) < _MOST_CAUSES:
            frames = "".join(traceback.format_tb(error.__traceback__))
            parts.append(f"{frames}{type(error).__module__}.{type(error).__qualname__}")
            error = error.__cause__ or error.__context__
        return "\nFrom:\n".join(parts)


def measure(name: str, value: float, unit: str) -> None:
    """Log one figure in CloudWatch's embedded metric format, which makes it a metric of the deployment.

    Source: "Specification: Embedded metric format", Amazon CloudWatch user guide. Not tried on AWS.
    """
    metric = {"Namespace": "FloodManager", "Dimensions": [["deployment"]], "Metrics": [{"Name": name, "Unit": unit}]}
    logger().log(
        MEASURE,
        "measured",
        extra={
            "_aws": {"Timestamp": int(time.time() * 1000), "CloudWatchMetrics": [metric]},
            "deployment": settings().prefix,
            name: value,
        },
    )


@cache
def logger() -> logging.Logger:
    """Return the product's logger, which writes to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_OneLine())
    product = logging.getLogger("floodmanager")
    product.addHandler(handler)
    product.setLevel(settings().log_level)
    product.propagate = False
    return product
