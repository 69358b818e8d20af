//! The table that one would make first, in a schema of its own: one in `public` would be a
//! collection of features, and each of its rows a change.

use std::time::{Duration, Instant as Stopwatch};

use misto_tests::psql;
use tokio_postgres::Client;

use super::buses::{Question, key};
use super::{envelope, sql};

/// Makes it of Misto's positions.
pub fn make(url: &str) {
    psql(
        url,
        "CREATE SCHEMA peer; CREATE TABLE peer.naive (id bigserial PRIMARY KEY, vehicle text NOT NULL, time timestamptz NOT NULL, geom geometry(Point, 4326) NOT NULL)",
    );
    psql(
        url,
        "INSERT INTO peer.naive(vehicle, time, geom)
         SELECT s.source || ':' || s.owner || '/' || s.name, r.fix_time, ST_SetSRID(ST_MakePoint(r.lon, r.lat), 4326)
         FROM misto_private.position AS r JOIN misto_private.subject AS s ON s.id = r.subject",
    );
    psql(url, "CREATE INDEX ON peer.naive(vehicle, time)");
    psql(url, "CREATE INDEX ON peer.naive USING gist(geom)");
    psql(url, "VACUUM ANALYZE peer.naive");
}

/// A connection to the database.
pub async fn connect(url: &str) -> Client {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.expect("the database");
    tokio::spawn(connection);
    client
}

/// Rows of one question, and how long they took.
pub async fn ask(client: &Client, question: &Question) -> (usize, Duration) {
    let (from, to) = (sql(question.from), sql(question.to));
    let of_vehicle = question.vehicle.map(|vehicle| format!("AND vehicle = '{}'", key(vehicle))).unwrap_or_default();
    let inside = question.bbox.map(|bbox| format!("AND ST_Intersects(geom, {})", envelope(bbox))).unwrap_or_default();
    let query = format!(
        "SELECT vehicle, (extract(epoch FROM time) * 1000000)::bigint, ST_X(geom), ST_Y(geom) FROM peer.naive
         WHERE time BETWEEN {from} AND {to} {of_vehicle} {inside} ORDER BY time"
    );
    let begun = Stopwatch::now();
    let rows = client.query(&query, &[]).await.expect("positions");
    let read: f64 = rows.iter().map(|row| row.get::<_, f64>(2) + row.get::<_, f64>(3)).sum();
    assert!(read.is_finite(), "places");
    (rows.len(), begun.elapsed())
}
