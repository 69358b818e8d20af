//! What is for staff stays with staff.

use std::sync::Arc;

use geo_types::Point;
use misto_model::{Audience, CollectionId, Error, FeatureId, Position};
use misto_tiles::{Atlas, Encoding, ItemsQuery};

use crate::city::{MIDDLE, collection, feature, tile_at};

const CANARY: &str = "keeper of 41";

fn atlas() -> (Atlas, CollectionId, CollectionId) {
    let atlas = Atlas::new(1 << 20);
    let mut canary = feature(41, Point::new(MIDDLE.0, MIDDLE.1));
    canary.properties.insert("not_in_schema".into(), CANARY.into());
    atlas.load(collection("open", Audience::Public), vec![canary.clone()]);
    atlas.load(collection("closed", Audience::Staff), vec![canary]);
    (atlas, "open".parse().unwrap(), "closed".parse().unwrap())
}

fn holds_canary(bytes: &[u8]) -> bool {
    bytes.windows(CANARY.len()).any(|window| window == CANARY.as_bytes())
}

#[test]
fn no_answer_for_the_public_carries_a_staff_attribute() {
    let (atlas, open, _) = atlas();
    let at = tile_at(14, MIDDLE.0, MIDDLE.1);
    let place = Position::new(MIDDLE.0, MIDDLE.1).unwrap();
    for (audience, expected) in [(Audience::Staff, true), (Audience::Public, false)] {
        let tile = atlas.tile(std::slice::from_ref(&open), at, audience, Encoding::Identity).unwrap().unwrap();
        assert_eq!(holds_canary(&tile.bytes), expected);
        let query = ItemsQuery { limit: 10, ..ItemsQuery::default() };
        let items = atlas.items(&open, &query, audience).unwrap().features;
        let mut features: Vec<_> = items.iter().map(|item| Arc::new(item.feature())).collect();
        features.extend(atlas.get(&open, FeatureId(41), audience));
        features.extend(atlas.each(&open, None, audience).unwrap());
        features
            .extend(atlas.nearest(&open, place, 1, 10.0, audience).unwrap().into_iter().map(|(_, feature)| feature));
        assert_eq!(features.len(), 4);
        for feature in features {
            assert_eq!(holds_canary(format!("{:?}", feature.properties).as_bytes()), expected);
            assert_eq!(feature.properties["levels"], 41);
        }
        let fields = &atlas.tilejson_fields(std::slice::from_ref(&open), audience).unwrap().vector_layers[0].fields;
        assert_eq!(fields.contains_key("keeper"), expected);
        assert_eq!(fields["levels"], "Number");
        let by_keeper =
            ItemsQuery { equals: vec![("keeper".into(), CANARY.into())], limit: 1, ..ItemsQuery::default() };
        assert_eq!(atlas.items(&open, &by_keeper, audience).is_ok(), expected, "a condition would tell, too");
    }
}

#[test]
fn a_staff_collection_and_none_give_the_public_the_same_answer() {
    let (atlas, open, closed) = atlas();
    let none: CollectionId = "none".parse().unwrap();
    let at = tile_at(14, MIDDLE.0, MIDDLE.1);
    let text = |error: Error, id: &CollectionId| {
        assert!(matches!(error, Error::NotFound { .. }));
        error.to_string().replace(id.as_str(), "it")
    };
    let asked = |id: &CollectionId| {
        let place = Position::new(MIDDLE.0, MIDDLE.1).unwrap();
        assert!(atlas.get(id, FeatureId(41), Audience::Public).is_none());
        [
            atlas.tile(&[open.clone(), id.clone()], at, Audience::Public, Encoding::Gzip).map(drop),
            atlas.kept_tile(std::slice::from_ref(id), at, Audience::Public, Encoding::Gzip).map(drop),
            atlas.tilejson_fields(std::slice::from_ref(id), Audience::Public).map(drop),
            atlas.items(id, &ItemsQuery::default(), Audience::Public).map(drop),
            atlas.nearest(id, place, 1, 1.0, Audience::Public).map(drop),
            atlas.each(id, None, Audience::Public).map(drop),
        ]
        .map(|answer| text(answer.unwrap_err(), id))
    };
    assert!(atlas.tile(std::slice::from_ref(&closed), at, Audience::Staff, Encoding::Gzip).unwrap().is_some());
    assert_eq!(asked(&closed), asked(&none));
}
