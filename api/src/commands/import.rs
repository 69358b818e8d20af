//! `misto import`

use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use misto_ingest::files::{Format, Imported, Options, Refusals, Rename, Report, Survey, TagFilter, survey};
use misto_model::{Actor, Audience, Bbox, Collection, CollectionId, GeometryKind};
use misto_store::{Context, Store};
use tokio::sync::mpsc;

use super::pairs::may_be_one;
use super::placing::Placer;
use super::rows::{NamedFormat, RowsAre};
use super::{StoreArgument, progress, series};
use crate::failure::Failure;

/// Rows stored in one transaction.
const BATCH: usize = 2_000;
/// Refused rows that are printed.
const PRINTED_REFUSALS: usize = 20;

/// Read a file into a collection, or a table into the history.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  \
    misto import buildings.gpkg --layer buildings --collection buildings --public\n  \
    misto import city.osm.pbf --collection accessible --tag wheelchair --public\n  \
    misto import names.csv --collection names --bounds 22.9,47.6,25.9,49.7\n  \
    misto import city.osm.pbf --as venues --collection venues --append\n  \
    misto import places.a11y.json --collection venues --append\n  \
    misto import buildings.csv --as annex-32 --norms norms.csv --addresses housing --collection audits\n  \
    misto import sensor_5331.csv --mapping air.toml\n\n\
    Formats by file name: .fgb .geojson .gpkg .csv .osm.pbf .osm.json .a11y.json. A collection is for staff only unless --public.\n\
    Rows that cannot be used are listed with their reason; the rest goes in.")]
pub struct Import {
    /// The file.
    file: PathBuf,
    /// Id of the collection: small Latin letters, digits and _
    #[arg(long, required_unless_present = "mapping")]
    collection: Option<CollectionId>,
    /// Everybody may see the collection.
    #[arg(long)]
    public: bool,
    /// Title in Ukrainian; the id when absent.
    #[arg(long)]
    title_uk: Option<String>,
    /// Title in English; the id when absent.
    #[arg(long)]
    title_en: Option<String>,
    /// Add to a collection that stands; without it, a collection that holds features is refused.
    #[arg(long, conflicts_with = "replace")]
    append: bool,
    /// Remove what the collection holds first.
    #[arg(long)]
    replace: bool,
    /// The format, where the file's name does not tell it.
    #[arg(long, value_enum)]
    format: Option<NamedFormat>,
    /// What the rows are.
    #[arg(long = "as", value_enum, default_value_t, value_name = "KIND")]
    rows_are: RowsAre,
    /// Another name for an attribute; may be repeated.
    #[arg(long = "rename", value_name = "FROM=TO")]
    renames: Vec<Rename>,
    /// Findings that belong to the buildings of annex 32.
    #[arg(long, value_name = "FILE")]
    norms: Option<PathBuf>,
    /// Collection of addresses by which buildings without coordinates are placed.
    #[arg(long, value_name = "COLLECTION")]
    addresses: Option<CollectionId>,
    /// Layer of a GeoPackage.
    #[arg(long)]
    layer: Option<String>,
    /// OpenStreetMap elements with this tag: key or key=value; may be repeated, any fits.
    #[arg(long = "tag", value_name = "KEY[=VALUE]")]
    tags: Vec<TagFilter>,
    /// Put OpenStreetMap ways and areas at a point inside them.
    #[arg(long)]
    points: bool,
    /// Column of a CSV that holds the longitude.
    #[arg(long, value_name = "COLUMN")]
    lon: Option<String>,
    /// Column of a CSV that holds the latitude.
    #[arg(long, value_name = "COLUMN")]
    lat: Option<String>,
    /// Rows outside west,south,east,north are refused.
    #[arg(long, value_name = "BBOX", allow_hyphen_values = true)]
    bounds: Option<Bbox>,
    /// The table holds positions or readings; this file (TOML) says which column is what.
    #[arg(long, value_name = "FILE", conflicts_with = "collection")]
    mapping: Option<PathBuf>,
    #[command(flatten)]
    store: StoreArgument,
}

impl Import {
    /// Prints how many rows went in, and which did not and why.
    pub async fn run(self) -> Result<(), Failure> {
        if let Some(mapping) = &self.mapping {
            let store = self.store.open().await?;
            return series::import(&self.file, mapping, &store).await;
        }
        let id = self.collection.clone().ok_or_else(|| Failure::new("--collection is needed"))?;
        let options = Options {
            format: self.format.map(Format::from),
            reading: self.rows_are.into(),
            renames: self.renames.clone(),
            norms: self.norms.clone(),
            layer: self.layer.clone(),
            tags: self.tags.clone(),
            points: self.points,
            lon_column: self.lon.clone(),
            lat_column: self.lat.clone(),
            bounds: self.bounds,
        };
        let survey = surveyed(self.file.clone(), options).await?;
        let store = self.store.open().await?;
        let placer = match &self.addresses {
            Some(addresses) => Some(Placer::of(&store, addresses).await?),
            None => None,
        };
        let stands = store.features.collections().await?.into_iter().find(|c| c.id == id);
        let collection = self.collection_of(&id, &survey.report, stands.as_ref())?;
        self.make_room(&store, &id, stands.is_some()).await?;
        store.features.define(&collection).await?;
        let what = self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let told = placer.as_ref().map(Placer::told);
        let changed = move |row: &mut Imported| {
            if let Some(placer) = &placer {
                placer.place(row);
            }
        };
        let (report, stored) = store_changed_rows(survey, &store, &id, &format!("import of {what}"), changed).await?;
        print_report(&self.file, &collection, &report, stored);
        if let Some(told) = told {
            print_lines(&told.lock().unwrap_or_else(PoisonError::into_inner).lines());
        }
        if self.holds_venues() {
            print_lines(&may_be_one(&store, &id).await?);
        }
        if stored == 0 && report.refused.total > 0 {
            return Err(Failure::new("no row could be used"));
        }
        Ok(())
    }

    fn holds_venues(&self) -> bool {
        let format = self.format.map(Format::from).or_else(|| Format::of_path(&self.file));
        self.rows_are != RowsAre::Plain || format == Some(Format::A11yJson)
    }

    /// The collection as it will be. One that stands keeps its titles and, unless
    /// `--public` says otherwise, its audience.
    fn collection_of(
        &self,
        id: &CollectionId,
        report: &Report,
        stands: Option<&Collection>,
    ) -> Result<Collection, Failure> {
        let kept = stands.map_or(Audience::Staff, |stands| stands.audience);
        let audience = if self.public { Audience::Public } else { kept };
        let mut properties = report.schema.clone();
        properties.iter_mut().for_each(|property| property.audience = audience);
        let title = |given: &Option<String>, stands: Option<&String>| {
            given.clone().or_else(|| stands.cloned()).unwrap_or_else(|| id.to_string())
        };
        let anew = Collection {
            id: id.clone(),
            title_uk: title(&self.title_uk, stands.map(|stands| &stands.title_uk)),
            title_en: title(&self.title_en, stands.map(|stands| &stands.title_en)),
            description: stands.map(|stands| stands.description.clone()).unwrap_or_default(),
            audience,
            // Annex 32 has no coordinates; what finds a place is a point.
            geometry: if self.rows_are == RowsAre::Annex32 { GeometryKind::Point } else { report.geometry },
            properties,
            sample: false,
            extent: None,
        };
        match stands.filter(|_| self.append) {
            Some(stands) => widened(stands, anew),
            None => Ok(anew),
        }
    }

    async fn make_room(&self, store: &Store, id: &CollectionId, stands: bool) -> Result<(), Failure> {
        if !stands || self.append {
            return Ok(());
        }
        if self.replace {
            let context = Context { actor: Actor("misto import".to_owned()), reason: Some("replaced".to_owned()) };
            return Ok(store.features.remove(id, &context).await?);
        }
        if store.features.page(id, None, 1).await?.features.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!("{id} holds features already; say --append to add or --replace to begin anew")))
    }
}

/// The collection that stands with what the file adds to it.
fn widened(stands: &Collection, file: Collection) -> Result<Collection, Failure> {
    let mut collection = Collection { audience: file.audience, ..stands.clone() };
    for property in file.properties {
        match collection.properties.iter().find(|known| known.name == property.name) {
            Some(known) if known.kind != property.kind => {
                return Err(Failure::new(format!(
                    "attribute {} is {:?} in {} and {:?} in the file",
                    property.name, known.kind, stands.id, property.kind
                )));
            }
            Some(_) => {}
            None => collection.properties.push(property),
        }
    }
    if collection.geometry != file.geometry {
        collection.geometry = GeometryKind::Any;
    }
    Ok(collection)
}

/// First reading of a file: schema and usable rows.
///
/// # Errors
/// When the file cannot be used at all.
pub async fn surveyed(file: PathBuf, options: Options) -> Result<Survey, Failure> {
    let name = file.display().to_string();
    tokio::task::spawn_blocking(move || survey(&file, &options))
        .await
        .map_err(|cause| Failure::new(format!("reading {name} ended: {cause}")))?
        .map_err(|wrong| Failure::new(format!("{name}: {wrong}")))
}

/// Second reading: every usable row into the store, batch by batch.
///
/// # Errors
/// When the store refuses a batch or the file changed meanwhile.
pub async fn store_rows(
    survey: Survey,
    store: &Store,
    id: &CollectionId,
    reason: &str,
) -> Result<(Report, u64), Failure> {
    store_changed_rows(survey, store, id, reason, |_| ()).await
}

/// The same, each row changed on its way.
async fn store_changed_rows(
    mut survey: Survey,
    store: &Store,
    id: &CollectionId,
    reason: &str,
    change: impl Fn(&mut Imported) + Send + 'static,
) -> Result<(Report, u64), Failure> {
    let context = Context { actor: Actor("misto import".to_owned()), reason: Some(reason.to_owned()) };
    let bar = progress::bar(survey.report.kept, "storing");
    let (send, mut receive) = mpsc::channel::<Vec<Imported>>(2);
    let reading = tokio::task::spawn_blocking(move || {
        let mut batch = Vec::with_capacity(BATCH);
        let outcome = survey.features(&mut |mut row| {
            change(&mut row);
            batch.push(row);
            if batch.len() == BATCH {
                send.blocking_send(std::mem::take(&mut batch)).map_err(|_| "the store took no more rows")?;
            }
            Ok(())
        });
        // A receiver that is gone has told why itself.
        let _receiver_gone = outcome.is_ok().then(|| send.blocking_send(batch));
        (survey.report, outcome)
    });
    let mut stored = 0;
    let mut refused = None;
    while let Some(batch) = receive.recv().await {
        let rows = batch.into_iter().map(|row| (row.geometry, row.properties)).collect();
        match store.features.append(id, rows, &context).await {
            Ok(count) => stored += count,
            Err(error) => {
                refused = Some(error);
                break;
            }
        }
        bar.set_position(stored);
    }
    drop(receive);
    bar.finish_and_clear();
    let (report, outcome) = reading.await.map_err(|cause| Failure::new(format!("reading ended: {cause}")))?;
    if let Some(error) = refused {
        return Err(Failure::new(format!("after {stored} rows: {error}")));
    }
    outcome.map_err(|wrong| Failure::new(wrong.to_string()))?;
    Ok((report, stored))
}

#[expect(clippy::print_stdout, reason = "the report is what the command gives")]
fn print_lines(lines: &[String]) {
    for line in lines {
        println!("{line}");
    }
}

#[expect(clippy::print_stdout, reason = "the report is what the command gives")]
fn print_report(file: &Path, collection: &Collection, report: &Report, stored: u64) {
    for skipped in &report.skipped_layers {
        println!("skipped: {skipped}");
    }
    for note in &report.notes {
        println!("note: {note}");
    }
    print_refusals(&report.refused);
    println!(
        "{}: {} rows read, {stored} stored in {} ({}), {} refused, {} without a place",
        file.display(),
        report.read,
        collection.id,
        match collection.audience {
            Audience::Public => "public",
            Audience::Staff => "for staff only",
        },
        report.refused.total,
        report.without_geometry
    );
}

/// Says which rows were not used and why; all are counted.
#[expect(clippy::print_stdout, reason = "the report is what the command gives")]
pub fn print_refusals(refused: &Refusals) {
    for refusal in refused.first.iter().take(PRINTED_REFUSALS) {
        match &refusal.field {
            Some(field) => println!("row {}: {field}: {}", refusal.row, refusal.reason),
            None => println!("row {}: {}", refusal.row, refusal.reason),
        }
    }
    if refused.total > PRINTED_REFUSALS as u64 {
        println!("… and {} more refused rows", refused.total - PRINTED_REFUSALS as u64);
    }
}
