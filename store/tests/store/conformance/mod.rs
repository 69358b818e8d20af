//! The same cases for every backend. A backend is added by one line of `conformance!`.

mod blobs;
mod documents;
pub mod events;
mod features;
pub mod fields;
pub mod log;
pub mod migration;
pub mod series;

use std::future::Future;

use misto_model::{
    Actor, Audience, Collection, Feature, FeatureId, GeometryKind, Instant, Properties, Property, PropertyType,
};
use misto_store::{Context, Store};
use serde_json::json;

/// A store of the embedded kind in a folder of its own.
pub async fn embedded<F: Future<Output = ()>>(case: impl FnOnce(Store) -> F) {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("geopackage:{}", folder.path().join("data/city.gpkg").display());
    case(misto_store::open(&url).await.unwrap()).await;
}

/// A store in a database of its own.
pub async fn database<F: Future<Output = ()>>(case: impl FnOnce(Store) -> F) {
    case(misto_store::open(&crate::postgres::postgres().database()).await.unwrap()).await;
}

macro_rules! backend {
    ($name:ident, $open:path, $($module:ident: $($case:ident)+;)+) => {
        mod $name {
            $(mod $module {
                $(#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $case() {
                    $open(super::super::$module::$case).await;
                })+
            })+
        }
    };
}

macro_rules! conformance {
    ($($name:ident, $open:path;)+) => { $(backend! { $name, $open,
    blobs:
        a_blob_is_replaced_as_a_whole
        a_blob_that_is_removed_is_gone;
    features:
        what_is_written_is_read_back
        pages_follow_each_other_in_the_order_of_ids
        a_stale_version_is_a_conflict_that_shows_what_stands
        what_never_was_is_not_found
        a_wrong_attribute_is_named_with_what_would_be_right
        one_bad_edit_leaves_nothing_of_the_others
        the_history_tells_who_and_why
        the_feed_tells_changes_in_commit_order
        whoever_waits_is_woken
        a_collection_is_extended_but_its_types_stay
        a_removed_collection_is_gone_and_its_features_are_announced
        empty_and_huge_geometries_return
        ten_thousand_features_are_loaded_at_once;
    series:
        a_position_returns_as_it_was_told
        a_redelivery_adds_nothing_and_other_content_is_kept
        a_track_is_paged_in_the_order_of_fix_time
        positions_of_all_are_found_by_box_and_time
        a_box_finds_what_lies_in_it_and_nothing_else
        the_latest_fix_is_the_one_of_greatest_fix_time
        readings_keep_their_type_and_their_digits
        what_was_received_long_ago_is_forgotten;
    events:
        an_event_returns_as_it_was_told
        a_repeated_event_adds_nothing_and_other_facts_are_kept
        events_are_paged_by_kind_by_subject_and_by_both
        what_was_recorded_long_ago_is_forgotten;
    documents:
        a_document_has_versions
        only_one_takes_a_document
        documents_and_log_are_written_together_or_not_at_all;
    fields:
        documents_are_found_by_a_declared_field
        a_unique_field_is_held_once
        documents_may_exchange_unique_values_in_one_transaction
        a_field_that_cannot_be_declared_is_refused_and_nothing_changes
        of_many_writers_one_gets_a_unique_value
        what_is_written_while_a_field_is_declared_is_found;
    log:
        the_newest_entries_are_kept
        what_is_told_again_is_counted_and_adds_nothing
        an_entry_that_was_forgotten_is_new_again
        entries_are_a_chain_from_the_oldest_that_is_kept
        a_kind_has_one_chain_whoever_appends;
    } )+ };
}

conformance! {
    on_geopackage, crate::conformance::embedded;
    on_postgis, crate::conformance::database;
}

pub fn streets() -> Collection {
    let property = |name: &str, kind| Property { name: name.to_owned(), kind, audience: Audience::Public };
    Collection {
        id: "streets".parse().unwrap(),
        title_uk: "Вулиці міста".to_owned(),
        title_en: "Streets".to_owned(),
        description: "Їхні назви й покриття".to_owned(),
        audience: Audience::Public,
        geometry: GeometryKind::Any,
        properties: vec![
            property("name", PropertyType::Text),
            property("lanes", PropertyType::Integer),
            property("width_m", PropertyType::Real),
            property("oneway", PropertyType::Boolean),
            property("opened", PropertyType::Date),
            property("measured_at", PropertyType::DateTime),
            Property { name: "охорона".to_owned(), kind: PropertyType::Text, audience: Audience::Staff },
        ],
        sample: true,
        extent: None,
    }
}

pub fn planner(reason: &str) -> Context {
    Context { actor: Actor("Оксана".to_owned()), reason: Some(reason.to_owned()) }
}

pub fn properties(value: serde_json::Value) -> Properties {
    value.as_object().unwrap().clone()
}

pub fn named(name: &str) -> Properties {
    properties(json!({ "name": name }))
}

pub fn ids(features: &[Feature]) -> Vec<FeatureId> {
    features.iter().map(|feature| feature.id).collect()
}

pub fn at(text: &str) -> Instant {
    text.parse().unwrap()
}
