"""The table of reports in PostgreSQL, and how it is filled."""

from datetime import UTC, datetime, timedelta

import psycopg

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
TABLE = """
CREATE EXTENSION postgis;
CREATE TABLE reports (
    id text PRIMARY KEY,
    place geography(Point, 4326) NOT NULL,
    visibility text NOT NULL,
    radius_m integer NOT NULL,
    severity text NOT NULL,
    depth_cm real,
    title text,
    description text,
    status text NOT NULL,
    condition text NOT NULL,
    observed_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    version integer NOT NULL,
    water_source text,
    is_disputed boolean NOT NULL DEFAULT false,
    confidence text NOT NULL DEFAULT 'low',
    connection text,
    photo text
);
"""
INDEX = "CREATE INDEX reports_place ON reports USING gist (place);"
COLUMNS = (
    "id",
    "place",
    "visibility",
    "radius_m",
    "severity",
    "depth_cm",
    "title",
    "description",
    "status",
    "condition",
    "observed_at",
    "created_at",
    "updated_at",
    "expires_at",
    "version",
)


def connect(socket_folder):
    """Return a connection without transactions of its own, and without what makes short queries dearer."""
    connection = psycopg.connect(host=socket_folder, user="bench", dbname="postgres", autocommit=True)
    connection.execute("SET jit = off")
    connection.execute("SET max_parallel_workers_per_gather = 0")
    return connection


def load(connection, reports):
    """Make the table, fill it with rows in the order of COLUMNS (times in milliseconds), and index it."""
    connection.execute(TABLE)
    with connection.cursor().copy(f"COPY reports ({', '.join(COLUMNS)}) FROM STDIN") as copy:
        for row in reports:
            pairs = zip(COLUMNS, row, strict=True)
            copy.write_row([moment(value) if name.endswith("_at") else value for name, value in pairs])
    connection.execute(INDEX)
    connection.execute("VACUUM ANALYZE reports")


def moment(milliseconds):
    return EPOCH + timedelta(milliseconds=milliseconds)
