//! What tags say of a way, in OpenStreetMap and in formats that borrow its words.

use misto_model::{
    Kerb, Obstacle, SidewalkSide, Smoothness, Surface, WalkDirection, WalkingEdge, WalkingNode, WayKind,
};

/// Looks a tag up.
pub(super) type Tag<'f, 'a> = &'f dyn Fn(&str) -> Option<&'a str>;

/// A tag that says nothing: its key and why.
pub(super) type Doubts = Vec<(String, String)>;

/// What kind of way it is, or why nobody walks there.
pub(super) fn kind(tag: Tag<'_, '_>) -> Result<WayKind, &'static str> {
    let Some(highway) = tag("highway") else { return Err("no way: there is no highway") };
    let foot = tag("foot");
    let allowed = matches!(foot, Some("yes" | "designated" | "permissive" | "official" | "destination"));
    if matches!(foot, Some("no" | "private")) {
        return Err("closed to people on foot");
    }
    if matches!(tag("access"), Some("no" | "private")) && !allowed {
        return Err("closed to the public");
    }
    Ok(match highway {
        "footway" | "corridor" => match tag("footway") {
            Some("sidewalk") => WayKind::Sidewalk,
            Some("crossing") => WayKind::Crossing,
            Some("traffic_island") => WayKind::TrafficIsland,
            _ => WayKind::Footway,
        },
        "pedestrian" | "platform" => WayKind::Pedestrian,
        "living_street" => WayKind::LivingStreet,
        "steps" if !matches!(tag("conveying"), None | Some("no")) => WayKind::Escalator,
        "steps" => WayKind::Steps,
        "elevator" => WayKind::Elevator,
        "path" | "track" => WayKind::Path,
        "cycleway" | "bridleway" if allowed => WayKind::Path,
        "cycleway" | "bridleway" => return Err("for bicycles or horses only"),
        "residential" | "service" | "unclassified" | "road" | "tertiary" | "tertiary_link" => WayKind::Road,
        "primary" | "primary_link" | "secondary" | "secondary_link" => WayKind::BusyRoad,
        "trunk" | "trunk_link" if allowed || tag("sidewalk").is_some() => WayKind::BusyRoad,
        "motorway" | "motorway_link" | "trunk" | "trunk_link" => return Err("a motorway or trunk road"),
        "proposed" | "construction" | "abandoned" | "razed" => return Err("not built, or no longer there"),
        _ => return Err("no way on foot"),
    })
}

/// Everything that tags say of a way of this kind.
pub(super) fn edge(kind: WayKind, tag: Tag<'_, '_>, doubts: &mut Doubts) -> WalkingEdge {
    let street = matches!(kind, WayKind::Road | WayKind::BusyRoad);
    let sidewalk = if street { sidewalk(tag, doubts) } else { None };
    // Surface and width of a street are those of its carriageway.
    let of_way = |key: &'static str| -> Option<&str> {
        if !street {
            return tag(key);
        }
        ["both", "left", "right"]
            .iter()
            .find_map(|side| tag(&format!("sidewalk:{side}:{key}")))
            .or_else(|| tag(&format!("sidewalk:{key}")))
    };
    let mut edge = WalkingEdge { kind: Some(kind), sidewalk, ..WalkingEdge::default() };
    edge.name = tag("name").map(str::to_owned);
    edge.surface = word(of_way("surface"), "surface", Surface::of_word, doubts);
    edge.smoothness = word(of_way("smoothness"), "smoothness", Smoothness::of_word, doubts);
    edge.width_cm = of_way("width").and_then(|text| said(text, "width", width_cm(text), doubts));
    edge.incline_percent = tag("incline").and_then(|text| incline(text, doubts));
    edge.step_count = tag("step_count").and_then(|text| said(text, "step_count", text.trim().parse().ok(), doubts));
    edge.handrail = yes_or_no(tag("handrail"));
    edge.ramp = yes_or_no(tag("ramp:wheelchair")).or(tag("ramp").filter(|ramp| *ramp == "no").map(|_| false));
    edge.tactile_paving = yes_or_no(tag("tactile_paving"));
    if kind == WayKind::Crossing {
        edge.sound_signal = yes_or_no(tag("traffic_signals:sound"));
        edge.crossing_marked = match (tag("crossing:markings"), tag("crossing")) {
            (Some("no"), _) | (None, Some("unmarked")) => Some(false),
            (Some(_), _) | (None, Some("marked" | "zebra" | "uncontrolled")) => Some(true),
            _ => None,
        };
    }
    edge.direction = match (kind, tag("conveying").unwrap_or_default(), tag("oneway:foot").or(tag("foot:oneway"))) {
        (WayKind::Escalator, "forward", _) | (_, _, Some("yes")) => Some(WalkDirection::Forward),
        (WayKind::Escalator, "backward", _) | (_, _, Some("-1")) => Some(WalkDirection::Backward),
        _ => None,
    };
    edge
}

/// Everything that tags say of a place on a way; `None` when they say nothing that matters.
pub(super) fn node(tag: Tag<'_, '_>, doubts: &mut Doubts) -> Option<WalkingNode> {
    let barrier = tag("barrier");
    let kerb = tag("kerb").or((barrier == Some("kerb")).then_some("yes"));
    let obstacle = match (tag("highway"), barrier) {
        (Some("elevator"), _) => Some(Obstacle::Elevator),
        (_, Some(barrier)) => Obstacle::of_word(barrier),
        _ => None,
    };
    let width = tag("maxwidth:physical").or(tag("maxwidth")).or(tag("width")).filter(|_| obstacle.is_some());
    let node = WalkingNode {
        node_id: None,
        kerb: word(kerb, "kerb", Kerb::of_word, doubts),
        kerb_height_cm: tag("kerb:height").and_then(|text| said(text, "kerb:height", width_cm(text), doubts)),
        tactile_paving: yes_or_no(tag("tactile_paving")),
        obstacle,
        passage_width_cm: width.and_then(|text| said(text, "width", width_cm(text), doubts)),
        in_service: None,
    };
    (node != WalkingNode::default()).then_some(node)
}

/// Sides with a sidewalk, from `sidewalk=…` and `sidewalk:left=…`.
fn sidewalk(tag: Tag<'_, '_>, doubts: &mut Doubts) -> Option<SidewalkSide> {
    use SidewalkSide::{Both, Left, None as Nowhere, Right, Separate};
    let there = |side: &str| {
        tag(&format!("sidewalk:{side}")).or(tag("sidewalk:both")).map(|value| match value {
            "no" | "none" => Nowhere,
            "separate" => Separate,
            _ => Both,
        })
    };
    match (there("left"), there("right")) {
        (None, None) => word(tag("sidewalk"), "sidewalk", SidewalkSide::of_word, doubts),
        (Some(Both), Some(Both)) => Some(Both),
        (Some(Both), _) => Some(Left),
        (_, Some(Both)) => Some(Right),
        (Some(Separate), _) | (_, Some(Separate)) => Some(Separate),
        (Some(Nowhere), Some(Nowhere)) => Some(Nowhere),
        // Nobody said anything of the other side.
        _ => None,
    }
}

fn word<T>(text: Option<&str>, key: &str, of_word: fn(&str) -> Option<T>, doubts: &mut Doubts) -> Option<T> {
    // Of several values the first is meant most.
    let first = text?.split(';').next()?.trim();
    said(first, key, of_word(first), doubts)
}

fn said<T>(text: &str, key: &str, value: Option<T>, doubts: &mut Doubts) -> Option<T> {
    if value.is_none() {
        let shown: String = text.chars().take(60).collect();
        doubts.push((key.to_owned(), format!("{shown:?} is not understood")));
    }
    value
}

fn yes_or_no(text: Option<&str>) -> Option<bool> {
    match text? {
        "yes" | "both" | "left" | "right" | "contrasted" => Some(true),
        "no" | "incorrect" => Some(false),
        _ => None,
    }
}

/// `1.5`, `1.5 m`, `80 cm`, `6'`, `5'6"`: centimetres. Metres when no unit stands there.
pub(super) fn width_cm(text: &str) -> Option<f64> {
    let text = text.trim().replace(',', ".");
    let number = |part: &str| part.trim().parse::<f64>().ok();
    let cm = if let Some((feet, inches)) = text.split_once('\'') {
        let inches = inches.trim().trim_end_matches('"');
        number(feet)? * 30.48 + if inches.is_empty() { 0.0 } else { number(inches)? * 2.54 }
    } else if let Some(inches) = text.strip_suffix('"') {
        number(inches)? * 2.54
    } else if let Some(cm) = text.strip_suffix("cm") {
        number(cm)?
    } else {
        number(text.strip_suffix('m').unwrap_or(&text))? * 100.0
    };
    (cm.is_finite() && (0.0..=20_000.0).contains(&cm)).then_some((cm * 10.0).round() / 10.0)
}

/// `8%`, `-3.5 %`, `5°`; `up` and `down` say no number. Percent.
fn incline(text: &str, doubts: &mut Doubts) -> Option<f64> {
    let text = text.trim();
    if matches!(text, "up" | "down" | "yes" | "steep") {
        return None;
    }
    let number = |part: &str| part.trim().replace(',', ".").parse::<f64>().ok();
    let percent = match (text.strip_suffix('%'), text.strip_suffix('°')) {
        (Some(percent), _) => number(percent),
        (_, Some(angle)) => number(angle).map(|angle| angle.to_radians().tan() * 100.0),
        _ if text == "0" => Some(0.0),
        _ => None,
    };
    said(text, "incline", percent.filter(|percent| percent.abs() <= 60.0), doubts)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with<'a>(tags: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<&'a str> {
        move |key| tags.iter().find(|(k, _)| *k == key).map(|(_, value)| *value)
    }

    fn edge_of(tags: &[(&str, &str)]) -> (WalkingEdge, Doubts) {
        let mut doubts = Vec::new();
        let tag = with(tags);
        let edge = edge(kind(&tag).unwrap(), &tag, &mut doubts);
        (edge, doubts)
    }

    #[test]
    fn ways_have_their_kind_and_roads_for_cars_none() {
        let of = |tags: &[(&str, &str)]| kind(&with(tags)).ok();
        assert_eq!(of(&[("highway", "footway"), ("footway", "crossing")]), Some(WayKind::Crossing));
        assert_eq!(of(&[("highway", "steps"), ("conveying", "yes")]), Some(WayKind::Escalator));
        assert_eq!(of(&[("highway", "cycleway")]), None);
        assert_eq!(of(&[("highway", "cycleway"), ("foot", "designated")]), Some(WayKind::Path));
        assert_eq!(of(&[("highway", "residential"), ("access", "private")]), None);
        assert_eq!(of(&[("highway", "motorway")]), None);
        assert_eq!(of(&[("highway", "footway"), ("foot", "no")]), None);
    }

    #[test]
    fn numbers_are_read_with_their_units_and_doubtful_ones_are_unknown() {
        for (text, cm) in [("1.5", 150.0), ("1,5 m", 150.0), ("80 cm", 80.0), ("6'", 182.9), ("5'6\"", 167.6)] {
            assert_eq!(width_cm(text), Some(cm), "{text}");
        }
        let (edge, doubts) = edge_of(&[
            ("highway", "footway"),
            ("width", "wide"),
            ("incline", "-8 %"),
            ("surface", "asphalt;sand"),
            ("smoothness", "superb"),
        ]);
        assert_eq!((edge.width_cm, edge.incline_percent, edge.surface), (None, Some(-8.0), Some(Surface::Asphalt)));
        assert_eq!(doubts.iter().map(|(key, _)| key.as_str()).collect::<Vec<_>>(), ["smoothness", "width"]);
        let (edge, doubts) = edge_of(&[("highway", "steps"), ("incline", "up"), ("step_count", "7")]);
        assert_eq!((edge.incline_percent, edge.step_count, doubts.len()), (None, Some(7), 0));
        let (edge, _) = edge_of(&[("highway", "path"), ("incline", "5°")]);
        assert!((edge.incline_percent.unwrap() - 8.75).abs() < 0.01);
    }

    #[test]
    fn a_street_tells_its_sidewalk_and_not_its_carriageway() {
        let (edge, _) = edge_of(&[
            ("highway", "residential"),
            ("surface", "sett"),
            ("width", "7"),
            ("sidewalk:both", "no"),
            ("sidewalk:left", "yes"),
            ("sidewalk:left:width", "1.2"),
        ]);
        assert_eq!((edge.sidewalk, edge.surface, edge.width_cm), (Some(SidewalkSide::Left), None, Some(120.0)));
        assert_eq!(edge_of(&[("highway", "primary")]).0.sidewalk, None);
        assert_eq!(edge_of(&[("highway", "primary"), ("sidewalk", "none")]).0.sidewalk, Some(SidewalkSide::None));
    }

    #[test]
    fn kerbs_gates_and_lifts_are_places() {
        let of = |tags: &[(&str, &str)]| node(&with(tags), &mut Vec::new());
        assert_eq!(of(&[("barrier", "kerb")]).unwrap().kerb, Some(Kerb::Some));
        assert_eq!(of(&[("kerb", "lowered"), ("kerb:height", "2 cm")]).unwrap().kerb_height_cm, Some(2.0));
        assert_eq!(of(&[("barrier", "bollard"), ("maxwidth", "0.9")]).unwrap().passage_width_cm, Some(90.0));
        assert_eq!(of(&[("highway", "elevator")]).unwrap().obstacle, Some(Obstacle::Elevator));
        assert_eq!(of(&[("highway", "crossing")]), None);
    }
}
