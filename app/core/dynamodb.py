"""Access to DynamoDB: one shared client, timeouts, parallel reads, and classification of failures."""

import math
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import ContextVar, copy_context
from functools import cache
from threading import Lock
from typing import Any, Self, TypeVar

import botocore.session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from pynamodb.connection import Connection
from pynamodb.connection.table import TableConnection
from pynamodb.exceptions import (
    AttributeDeserializationError,
    DoesNotExist,
    PutError,
    PynamoDBException,
    TransactWriteError,
    UpdateError,
)
from pynamodb.transactions import TransactWrite

from app.core import prepared, replies, telemetry, tls
from app.core.config import VERSION, settings
from app.core.errors import Unavailable

Answer = TypeVar("Answer")
Other = TypeVar("Other")

# Failures of a dependency; each becomes a 503 with Retry-After.
FAILURES = (PynamoDBException, BotoCoreError, ClientError)
CONNECT_TIMEOUT_S = 1
READ_TIMEOUT_S = 2
RETRIES = 1  # one more attempt, only in botocore
CALL_S = 5  # limit of one call: both attempts and the pause in between
# Total time that a request may wait for the database, in all calls together; our own work does not count. It has 8 s.
WAIT_S = 6
REQUESTS_AT_ONCE = 16
LOCAL_CREDENTIALS = ("local", "local")
# Error codes of a write whose condition failed, and of a request that is never accepted.
_CONDITION_FAILED = "ConditionalCheckFailedException"
_REFUSED_VALUES = ("ValidationException", "SerializationException")
_client_making = Lock()
_patience: ContextVar[replies.Patience | None] = ContextVar("patience", default=None)


class OutOfTime(PynamoDBException):
    """The request has waited for the database for as long as it may."""


class NoDatabase(Exception):
    """Error: the environment names no database. The message says what to do."""


class SharedConnection(Connection):
    """PynamoDB's connection, made once for all tables, because a client costs more than a request."""

    @property
    def session(self) -> botocore.session.Session:
        """Return one session for the process; a session for each thread would parse botocore's data again."""
        return session()

    def _make_api_call(self, operation_name: str, operation_kwargs: dict[str, Any]) -> dict[str, Any]:
        assert self.client  # made before the clock of the call runs
        patience = _patience.get()
        left_s = patience.begin() if patience else math.inf
        try:
            if left_s <= 0:
                raise OutOfTime(f"{operation_name} was not begun: the request has waited too long already.")
            with replies.ending_within(min(left_s, replies.call_s(CALL_S))):
                return super()._make_api_call(operation_name, operation_kwargs)
        finally:
            if patience:
                patience.end()

    @property
    def client(self) -> Any:
        if self._client is None:
            with _client_making:
                return prepared.prepare(replies.check_all(super().client))
        return prepared.prepare(replies.check_all(super().client))


@cache
def session() -> botocore.session.Session:
    """Return botocore's session of this process, so that AWS service data are read once."""
    tls.share()
    new_session = botocore.session.get_session()
    # Else botocore makes one of versions and features for each call, twice: 13 % of the instructions of a GET.
    # And one address for all calls, not one that follows from the account of the credentials: see prepared.py.
    new_session.set_default_client_config(
        Config(user_agent=f"floodmanager/{VERSION}", account_id_endpoint_mode="disabled")
    )
    if settings().is_local:  # a local database needs no credentials, but botocore does
        new_session.set_credentials(*LOCAL_CREDENTIALS)
    return new_session


@cache
def connection() -> SharedConnection:
    """Return the connection of this process. Raises NoDatabase if the environment names none."""
    if missing := settings().missing_database():
        raise NoDatabase(missing)
    return SharedConnection(
        region=settings().region,
        connect_timeout_seconds=CONNECT_TIMEOUT_S,
        read_timeout_seconds=replies.read_s(READ_TIMEOUT_S),
        max_retry_attempts=RETRIES,
        max_pool_connections=REQUESTS_AT_ONCE,
    )


def connect() -> None:
    """Make the client now, since INIT has the whole CPU, instead of in the first request."""
    assert connection().client is not None


def begin_request() -> None:
    """Share a time limit among the calls of this request; outside requests each call has its own."""
    _patience.set(replies.Patience(WAIT_S))


def end_request(_: BaseException | None = None) -> None:
    """Remove the time limit at the end of a request."""
    _patience.set(None)


class Table(prepared.Row):
    """Base class of all models: the shared connection instead of one client for each table."""

    @classmethod
    def _get_connection(cls) -> TableConnection:
        if cls._connection is None:
            own = super()._get_connection()
            shared = connection()
            for name, meta_table in own.connection._tables.items():
                # Two models may share a table; the one with the indexes describes it.
                if cls._indexes or name not in shared._tables:
                    shared._tables[name] = meta_table
            own.connection = shared
        return super()._get_connection()

    @classmethod
    def index_names(cls) -> set[str]:
        """Return the names of the table's indexes that this model knows."""
        return set(cls._indexes)

    @classmethod
    def find_readable(cls, key: str) -> Self | None:
        """Read a row consistently; None if there is none, or none that this code can read.

        A row with missing attributes or of another format is logged and treated as absent instead of as a failure.
        """
        try:
            row = cls.get(key, consistent_read=True)
        except DoesNotExist:
            return None
        except AttributeDeserializationError as error:
            telemetry.logger().error("unreadable row", extra={"table": cls.Meta.table_name, "reason": str(error)})
            return None
        return row if row._is_readable() else None

    @classmethod
    def find_all_readable(cls, keys: Sequence[str], *, is_consistent: bool = False) -> list[Self]:
        """Read rows in one batch, in no order; absent ones, and those that this code cannot read, are left out."""
        try:
            rows = list(cls.batch_get(keys, consistent_read=is_consistent)) if keys else []
        except AttributeDeserializationError:
            return [row for key in keys if (row := cls.find_readable(key))]
        return [row for row in rows if row._is_readable()]

    def _is_readable(self) -> bool:
        """Return whether the row has all that this code needs; log what it lacks."""
        required = [name for name, attribute in self.get_attributes().items() if not attribute.null]
        missing = [name for name in required if getattr(self, name) is None]
        if missing:
            telemetry.logger().error("unreadable row", extra={"table": self.Meta.table_name, "missing": missing})
        return not missing

    @classmethod
    def stored_image(cls, key: str) -> dict[str, Any] | None:
        """Return a row as it is stored, even if no model can read it; None if there is none. A consistent read."""
        image: dict[str, Any] | None = cls._get_connection().get_item(key, consistent_read=True).get("Item")
        return image


class Meta:
    """Base class of all `Meta` classes."""

    region = settings().region


def index_states(table: str) -> dict[str, str]:
    """Return the indexes of a table, with DynamoDB's state of each."""
    client: Any = connection().client
    description = client.describe_table(TableName=table)["Table"]
    return {
        index["IndexName"]: index.get("IndexStatus", "ACTIVE")
        for index in description.get("GlobalSecondaryIndexes", [])
    }


def is_outage(error: Exception) -> bool:
    """Return whether the network, the database or a part that says so failed: the same call may succeed later."""
    return isinstance(error, (*FAILURES, OSError, Unavailable)) and not is_refused(error)


def is_refused(error: Exception) -> bool:
    """Return whether the database refuses such a call always: a bad value, or an index that does not exist (yet)."""
    return code_of(error) in _REFUSED_VALUES


def code_of(error: Exception) -> str:
    """Return the database's code of an error; "" if it has not answered."""
    cause = getattr(error, "cause", None) or error
    response = getattr(cause, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


def lost_condition(error: PutError | UpdateError | TransactWriteError) -> bool:
    """Return whether the write failed because its condition did not hold."""
    if isinstance(error, TransactWriteError):
        return any(reason and reason.code == "ConditionalCheckFailed" for reason in error.cancellation_reasons)
    # A broken connection has the response None, on which PynamoDB's own check fails.
    is_answered = isinstance(error.cause, ClientError)
    return is_answered and error.cause_response_code == _CONDITION_FAILED


def is_conflict(error: PynamoDBException) -> bool:
    """Return whether another transaction was using one of the rows at the same moment: the same call may succeed now.

    Source: DynamoDB's developer guide, "Transaction conflict handling".
    """
    reasons = getattr(error, "cancellation_reasons", ())
    code = getattr(error, "cause_response_code", None)
    is_single = code in ("TransactionConflictException", "TransactionInProgressException")
    return is_single or any(reason and reason.code == "TransactionConflict" for reason in reasons)


def is_written(write: Callable[[], Any]) -> bool:
    """Run one conditional write; False if its condition did not hold."""
    try:
        write()
    except (PutError, UpdateError) as error:
        if lost_condition(error):
            return False
        raise
    return True


@cache
def _pool() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=REQUESTS_AT_ONCE, thread_name_prefix="dynamodb")


def transaction() -> TransactWrite:
    """Return a transaction, for rows that are stored together or not at all: `with dynamodb.transaction() as ..`."""
    return TransactWrite(connection=connection())


def in_one_round(calls: Sequence[Callable[[], Answer]]) -> list[Answer]:
    """Run independent calls in parallel and return their results in order: one round trip in time.

    Raises the first failure, after all have ended.
    """
    if len(calls) == 1:
        return [calls[0]()]
    futures = [_pool().submit(copy_context().run, call) for call in calls]
    wait(futures)  # one that still ran would write beside the next try
    return [future.result() for future in futures]


def some_at_once(keys: Sequence[Answer]) -> Iterator[Sequence[Answer]]:
    """Yield keys in groups of half as many as the pool has threads: the other half is for the reads of each."""
    step = REQUESTS_AT_ONCE // 2
    return (keys[start : start + step] for start in range(0, len(keys), step))


@cache
def _parts() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=REQUESTS_AT_ONCE, thread_name_prefix="part")


def at_once(first: Callable[[], Answer], second: Callable[[], Other]) -> tuple[Answer, Other]:
    """Read two independent parts of an answer side by side, each with as many rounds as it needs.

    The first runs in a thread of its own and must not call this function: waiting threads could use up the pool.
    Raises the first failure, after both have ended.
    """
    future = _parts().submit(copy_context().run, first)
    try:
        other = second()
    finally:
        wait([future])
    return future.result(), other
