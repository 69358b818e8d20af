//! Misto's series in PostGIS beside the naive table, question by question in turn.

use std::time::Instant as Stopwatch;

use misto_store::Store;
use misto_tests::{postgres, psql};

use super::buses::{CITY, DAY_STEPS, EVERY_S, VEHICLES, at, fix};
use super::{QUESTIONS, ask, kinds, naive, sql, summary};
use crate::spread;

pub async fn run(positions: usize) {
    let url = postgres().database();
    let store = misto_store::open(&url).await.expect("a store");
    let steps = positions / VEHICLES;
    let begun = Stopwatch::now();
    fill(&url, &store, steps).await;
    let filled = begun.elapsed().as_secs_f64();
    let begun = Stopwatch::now();
    let days = store.series.settle(at(steps + DAY_STEPS)).await.expect("settled");
    let settled = begun.elapsed().as_secs_f64();
    naive::make(&url);
    let size = |table: &str| {
        let total = format!(
            "SELECT pg_total_relation_size('{table}') + coalesce(sum(pg_total_relation_size(inhrelid)), 0)
             FROM pg_inherits WHERE inhparent = '{table}'::regclass"
        );
        psql(&url, &total).parse::<f64>().unwrap_or(f64::NAN) / positions as f64
    };
    println!(
        "  PostGIS: {} positions in {} days, filled in {filled:.0} s, {days} partitions indexed by place in {settled:.0} s; \
         bytes each with indexes: Misto {:.0}, naive {:.0}; fsync off, shared_buffers {}, page cache as it comes",
        psql(&url, "SELECT count(*) FROM misto_private.position"),
        steps.div_ceil(DAY_STEPS),
        size("misto_private.position"),
        size("peer.naive"),
        psql(&url, "SHOW shared_buffers"),
    );
    let client = naive::connect(&url).await;
    for (what, question) in kinds() {
        let (mut ours, mut theirs, mut rows) = (Vec::new(), Vec::new(), 0);
        for number in 0..QUESTIONS {
            let question = question(number, steps);
            let (expected, time) = naive::ask(&client, &question).await;
            theirs.push(time);
            let (found, time) = ask(&store, &question).await;
            assert_eq!(found, expected, "both know the same");
            ours.push(time);
            rows += found;
        }
        let ratios = theirs.iter().zip(&ours).map(|(a, b)| a.as_secs_f64() / b.as_secs_f64()).collect();
        let (low, middle, high) = spread(ratios);
        println!(
            "    {what}, {} rows on average: Misto {}, naive {}, ratio {middle:.2} ({low:.2}–{high:.2})",
            rows / QUESTIONS,
            summary(&ours),
            summary(&theirs)
        );
    }
}

/// The first fixes of each day by Misto, the rest by the server.
async fn fill(url: &str, store: &Store, steps: usize) {
    for first in (0..steps).step_by(DAY_STEPS) {
        let batch: Vec<_> = (0..VEHICLES).map(|vehicle| fix(vehicle, first)).collect();
        store.series.append_positions(&batch).await.expect("appended");
        generate(url, first, (first + DAY_STEPS).min(steps));
    }
    psql(url, &format!("UPDATE misto_private.subject SET newest = {} WHERE series = 'position'", sql(at(steps - 1))));
    psql(url, "VACUUM ANALYZE misto_private.position");
}

/// All steps of a day but its first, made of the rows of that. The day is filled beside the
/// table and indexed afterwards: row by row into three indexes fifty million take half an hour.
fn generate(url: &str, first: usize, end: usize) {
    let [west, south, width, height] = CITY;
    let (began, last) = (sql(at(first)), end - 1);
    let swing = |turns: &str| format!("abs(2 * (({turns}) - floor({turns})) - 1)");
    let lon = swing("p.v * 0.618034::float8 + n * 0.00037::float8 * (1 + p.v % 7)");
    let lat = swing("p.v * 0.414214::float8 + n * 0.00053::float8 * (1 + p.v % 5)");
    let day = at(first).to_string().replace('-', "");
    let (day, partition) = (sql(at(first)), format!("misto_private.position_{}", &day[..8]));
    psql(
        url,
        &format!(
            "ALTER TABLE misto_private.position DETACH PARTITION {partition};
             ALTER TABLE {partition} DROP CONSTRAINT {name}_pkey; DROP INDEX {partition}_fix_time_idx;
             INSERT INTO {partition}
             SELECT p.subject, t.at, p.event, n, p.precision, t.at + interval '0.9 s', {west} + {width} * {lon}, {south} + {height} * {lat},
               p.journey, p.speed_m_s, p.bearing_deg, p.accuracy_m, n, p.delay_s, p.doors_open, p.next_stop, p.rest
             FROM generate_series({next}, {last}) AS n
             CROSS JOIN LATERAL (SELECT {began} + (n - {first}) * interval '{EVERY_S} s') AS t(at)
             CROSS JOIN (SELECT s.name::int - 10000 AS v, r.* FROM {partition} AS r
               JOIN misto_private.subject AS s ON s.id = r.subject WHERE r.fix_time = {began}) AS p;
             ALTER TABLE {partition} ADD PRIMARY KEY (subject, fix_time, event, hash); CREATE INDEX ON {partition}(fix_time);
             ALTER TABLE misto_private.position ATTACH PARTITION {partition} FOR VALUES FROM ({day}) TO ({day} + interval '1 day')",
            next = first + 1,
            name = partition.trim_start_matches("misto_private."),
        ),
    );
}
