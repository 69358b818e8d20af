//! The store on PostgreSQL with PostGIS.
//!
//! Collections are plain tables in schema `public` (one geometry column, an integer
//! primary key), so that QGIS, psql and ogr2ogr edit them like any other; triggers
//! write history and change feed. Everything else lies in schema `misto_private`
//! (not `misto`: that is what a database user is likely to be called, and PostgreSQL
//! puts a user's new tables into the schema of the user's name).

mod address;
mod blobs;
mod documents;
mod failure;
mod features;
mod fields;
mod lines;
mod log;
mod micros;
mod series;
mod shares;

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime, Timeouts};
use misto_model::{Error, Result};
use tokio::task::JoinHandle;

use crate::Store;
use address::Address;
use failure::Done;
use lines::{Lines, Pulse};
pub use shares::{Holder, Work, share_out};

/// Forward-only steps; step n brings the database from version n to n + 1.
const STEPS: &[&str] = &[include_str!("schema.sql"), include_str!("step_2.sql"), include_str!("step_3.sql")];
/// Connections besides the one that listens.
const CONNECTIONS: usize = 8;
/// How long a request waits for a connection.
const PATIENCE: Duration = Duration::from_secs(5);

/// Opens `postgres://user@host/database`.
pub(crate) async fn open(url: &str) -> Result<Store> {
    let address = Address::parse(url)?;
    if address.tells_password() {
        tracing::warn!("store.url: the password crosses the network unprotected; add ?sslmode=verify-full");
    }
    let lines = Lines::new(address.clone());
    let pool = pool(lines.clone(), &address, CONNECTIONS)?;
    migrate(&pool).await.map_err(Error::from)?;
    let database = Arc::new(Database { pool, _pulse: lines.watch() });
    Ok(Store {
        features: Arc::new(features::Tables::open(Arc::clone(&database), address).await?),
        series: Arc::new(series::Tracks::new(Arc::clone(&database))),
        documents: Arc::clone(&database) as _,
        log: Arc::clone(&database) as _,
        blobs: database,
    })
}

/// Connects and looks; changes nothing.
pub(crate) async fn look(url: &str) -> Result<String> {
    let look = async {
        let client = one_line(url)?.get().await?;
        let looked = "SELECT current_setting('server_version'), current_database(), to_regclass('misto_private.schema') IS NOT NULL,
            EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'postgis')";
        let row = client.query_one(looked, &[]).await?;
        if row.try_get(2)? {
            refuse_newer(client.query_one(VERSION, &[]).await?.try_get(0)?)?;
        }
        let (version, name): (&str, &str) = (row.try_get(0)?, row.try_get(1)?);
        let (stands, has_postgis): (bool, bool) = (row.try_get(2)?, row.try_get(3)?);
        let schema = if stands { "Misto's tables stand" } else { "Misto's tables will be made" };
        let postgis = if has_postgis { "" } else { "; PostGIS is not in it yet: CREATE EXTENSION postgis" };
        Done::Ok(format!("database {name:?} of PostgreSQL {version} answers; {schema}{postgis}"))
    };
    Ok(look.await?)
}

/// Host and database of an address, without user and password.
pub(crate) fn place(url: &str) -> Result<String> {
    let config = Address::parse(url)?.config;
    let hosts: Vec<String> = config.get_hosts().iter().map(|host| format!("{host:?}")).collect();
    let ports: Vec<String> = config.get_ports().iter().map(u16::to_string).collect();
    Ok(format!("postgres {} {} {}", hosts.join(","), ports.join(","), config.get_dbname().unwrap_or_default()))
}

/// The connections.
pub(crate) struct Database {
    pool: Pool,
    _pulse: Pulse,
}

impl Database {
    async fn client(&self) -> Done<deadpool_postgres::Object> {
        Ok(self.pool.get().await?)
    }

    /// The texts of the one column of a query.
    async fn texts(&self, query: &str) -> Done<Vec<String>> {
        let rows = self.client().await?.query(query, &[]).await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}

/// For a look.
fn one_line(url: &str) -> Result<Pool> {
    let address = Address::parse(url)?;
    pool(Lines::new(address.clone()), &address, 1)
}

fn pool(lines: Lines, address: &Address, size: usize) -> Result<Pool> {
    let recycling = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    let manager = Manager::from_connect(address.config.clone(), lines, recycling);
    let patience = Some(PATIENCE);
    Pool::builder(manager)
        .max_size(size)
        .runtime(Runtime::Tokio1)
        .timeouts(Timeouts { wait: patience, create: patience, recycle: patience })
        .build()
        .map_err(|cause| Error::unavailable("the database cannot be reached", cause))
}

/// Makes or migrates the schema. Safe when several processes do so at once.
async fn migrate(pool: &Pool) -> Done<()> {
    let mut client = pool.get().await?;
    let migration = client.transaction().await?;
    // Whoever comes second waits and finds the work done.
    migration.batch_execute("SET LOCAL lock_timeout = 0; SELECT pg_advisory_xact_lock(1835627380, 0)").await?;
    let is_new: bool = migration.query_one("SELECT to_regclass('misto_private.schema') IS NULL", &[]).await?.get(0);
    if is_new {
        make_schema(&migration).await?;
    }
    let stands: i32 = migration.query_one(VERSION, &[]).await?.get(0);
    refuse_newer(stands)?;
    for (step, version) in STEPS.iter().zip(1..).filter(|(_, version)| *version > stands) {
        migration.batch_execute(step).await?;
        migration.execute("INSERT INTO misto_private.schema(version) VALUES ($1)", &[&version]).await?;
    }
    migration.commit().await?;
    Ok(())
}

/// Version of the schema that stands.
const VERSION: &str = "SELECT coalesce(max(version), 0) FROM misto_private.schema";

fn refuse_newer(stands: i32) -> Result<()> {
    let known = i32::try_from(STEPS.len()).unwrap_or(i32::MAX);
    if stands <= known {
        return Ok(());
    }
    let reason = format!(
        "the database was written by a newer Misto (schema {stands}, this program knows up to {known}): use the newer program"
    );
    Err(Error::unavailable(reason, "schema is newer than the program"))
}

async fn make_schema(migration: &deadpool_postgres::Transaction<'_>) -> Done<()> {
    let has_postgis: bool =
        migration.query_one("SELECT EXISTS (SELECT 1 FROM pg_extension WHERE extname = 'postgis')", &[]).await?.get(0);
    if !has_postgis {
        migration.batch_execute("CREATE EXTENSION postgis").await.map_err(|cause| {
            let reason = "PostGIS is not in the database: as its superuser say CREATE EXTENSION postgis";
            Error::unavailable(reason, cause)
        })?;
    }
    let made = "CREATE SCHEMA misto_private; REVOKE ALL ON SCHEMA misto_private FROM PUBLIC;
        CREATE TABLE misto_private.schema (version integer PRIMARY KEY, at timestamptz NOT NULL DEFAULT now())";
    migration.batch_execute(made).await?;
    Ok(())
}

/// The task that drives a connection ends with whoever uses it.
struct Driven(JoinHandle<()>);

impl Drop for Driven {
    fn drop(&mut self) {
        self.0.abort();
    }
}

/// A limit as SQL counts rows.
fn row_limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}
