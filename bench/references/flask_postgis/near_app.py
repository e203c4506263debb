"""`GET /v1/reports?lat&lon&radius_km[&sort=distance]`: the fields of our answer, from one query."""

from datetime import datetime

from flask import Flask, request
from psycopg.rows import namedtuple_row

MOST_KM = 100
LIMIT = 50
PRECISION = {"public": "exact", "area": "area"}
HERE = "ST_MakePoint(%(lon)s, %(lat)s)::geography"
# On the sphere, as our product measures; on the spheroid it would take longer.
NEAR = f"""
SELECT id, ST_Y(place::geometry) AS lat, ST_X(place::geometry) AS lon, visibility, radius_m, severity, depth_cm, title,
    status, condition, observed_at, created_at, updated_at, expires_at, version, water_source, is_disputed, confidence,
    connection, photo, ST_Distance(place, {HERE}, false) AS away_m
FROM reports
WHERE ST_DWithin(place, {HERE}, %(radius_m)s, false)
    AND status IN ('pending', 'verified') AND expires_at > %(now)s
ORDER BY {{order}}
LIMIT {LIMIT + 1}
"""
ORDERS = {"newest": "created_at DESC, id DESC", "distance": f"place <-> {HERE}, created_at DESC, id DESC"}
QUERIES = {name: NEAR.format(order=order) for name, order in ORDERS.items()}


def create_app(connection, now: datetime):
    """Return the app over a connection; its clock stands at `now`."""
    app = Flask(__name__)
    app.json.sort_keys = False
    cursor = connection.cursor(row_factory=namedtuple_row)

    @app.get("/v1/reports")
    def near():
        try:
            lat, lon = float(request.args["lat"]), float(request.args["lon"])
            radius_km = float(request.args["radius_km"])
            query = QUERIES[request.args.get("sort", "newest")]
        except (KeyError, ValueError):
            return {"error": "lat, lon and radius_km are needed"}, 422
        if not (-90 <= lat <= 90 and -180 <= lon <= 180 and 0 < radius_km <= MOST_KM):
            return {"error": "lat, lon or radius_km is out of range"}, 422
        asked = {"lat": lat, "lon": lon, "radius_m": radius_km * 1000, "now": now}
        rows = cursor.execute(query, asked).fetchall()
        shown = rows[:LIMIT]
        more = f"{shown[-1].created_at.timestamp()},{shown[-1].id}" if len(rows) > LIMIT else None
        links = [{"rel": "self", "href": request.full_path}]
        return {
            "as_of": _text(now),
            "items": [_item(row) for row in shown],
            "next_cursor": more,
            "missing": [],
            "links": links,
            "complete_to": None,
        }

    return app


def _item(row):
    return {
        "id": row.id,
        "location": {"lat": row.lat, "lon": row.lon},
        "location_precision": PRECISION.get(row.visibility, "grid"),
        "radius_m": row.radius_m,
        "severity": row.severity,
        "depth_cm": row.depth_cm,
        "title": row.title,
        "status": row.status,
        "condition": row.condition,
        "observed_at": _text(row.observed_at),
        "created_at": _text(row.created_at),
        "updated_at": _text(row.updated_at),
        "expires_at": _text(row.expires_at),
        "version": row.version,
        "water_source": row.water_source,
        "is_disputed": row.is_disputed,
        "confidence": row.confidence,
        "many_from_one_network": row.connection is not None,
        "connection": row.connection,
        "photo": row.photo,
        "links": {"self": f"/v1/reports/{row.id}"},
        "distance_m": round(row.away_m),
    }


def _text(moment):
    """Return a time cut to the minute."""
    return f"{moment:%Y-%m-%dT%H:%M}:00Z"
