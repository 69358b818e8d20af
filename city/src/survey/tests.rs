use misto_model::{Entrance, Parking, WayIn};

use super::*;

fn criterion(id: usize, critical: bool) -> Criterion {
    let id = id.to_string();
    Criterion { id, uk: String::new(), en: String::new(), critical, part: Part::Venue, applies_if: None, any: vec![] }
}

/// Every card of up to three criteria, critical or not, with every set of answers.
#[test]
fn the_result_follows_from_every_set_of_answers() {
    let possible = [None, Some(Answer::Yes), Some(Answer::No), Some(Answer::NotApplicable)];
    let mut seen = 0;
    for count in 0..=3_usize {
        for critical in 0..1_usize << count {
            let criteria: Vec<_> = (0..count).map(|n| criterion(n, critical >> n & 1 == 1)).collect();
            for set in 0..4_usize.pow(count as u32) {
                let given: Vec<_> = (0..count).map(|n| possible[set / 4_usize.pow(n as u32) % 4]).collect();
                let answers = given.iter().enumerate().filter_map(|(n, one)| Some((n.to_string(), (*one)?))).collect();
                let is = tally(&criteria, &answers);
                let critical_no = criteria.iter().zip(&given).any(|(c, g)| c.critical && *g == Some(Answer::No));
                let expected = if critical_no {
                    Outcome::Barriers
                } else if given.contains(&None) || given.iter().all(|g| *g == Some(Answer::NotApplicable)) {
                    Outcome::Incomplete
                } else if given.contains(&Some(Answer::No)) {
                    Outcome::Partly
                } else {
                    Outcome::BarrierFree
                };
                assert_eq!(is.outcome, expected, "{critical:b} {given:?}");
                assert_eq!(is.yes + is.no + is.not_applicable + is.unanswered, count);
                seen += 1;
            }
        }
    }
    assert_eq!(seen, 1 + 2 * 4 + 4 * 16 + 8 * 64);
}

#[test]
fn the_card_asks_for_attributes_of_the_model_once_each_and_says_where_it_comes_from() {
    let model = serde_json::to_value(Venue::default()).unwrap();
    let mut ids: Vec<_> = CARD.criteria.iter().map(|criterion| &criterion.id).collect();
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), CARD.criteria.len());
    assert!(CARD.source.contains("Misto's reading") && CARD.source_uk.contains("не офіційний"));
    assert!(CARD.criteria.iter().any(|criterion| criterion.critical));
    for criterion in &CARD.criteria {
        assert!(!criterion.uk.is_empty() && !criterion.en.is_empty() && !criterion.any.is_empty());
        for condition in criterion.any.iter().chain(&criterion.applies_if) {
            assert!(model.get(&condition.attribute).is_some(), "{}", condition.attribute);
            let is_truth = matches!(condition.demand, Demand::Present(_));
            assert_eq!(is_truth, plausible(&condition.attribute).is_none(), "{}", condition.attribute);
        }
    }
}

#[test]
fn measurements_answer_what_they_can_and_nothing_else() {
    assert!(measured(&Venue::default()).is_empty(), "nothing measured, nothing answered");
    let way_in = WayIn {
        door_width_cm: Some(91.0),
        entrance_steps: Some(3),
        has_ramp: Some(false),
        ramp_slope_percent: Some(900.0),
        ..WayIn::default()
    };
    let parking = Parking { accessible_parking_spaces: Some(0), ..Parking::default() };
    let venue = Venue { way_in: way_in.clone(), parking, ..Venue::default() };
    let answers = measured(&venue);
    assert_eq!(answers.get("door_width"), Some(&Answer::Yes));
    assert_eq!(answers.get("level_or_ramp"), None, "nobody said whether there is a platform lift");
    assert_eq!(answers.get("ramp_slope"), Some(&Answer::NotApplicable));
    assert_eq!(answers.get("parking"), Some(&Answer::No));
    assert_eq!(answers.get("parking_width"), Some(&Answer::NotApplicable));
    let steps = WayIn { has_hoist: Some(false), ..way_in.clone() };
    assert_eq!(measured(&Venue { way_in: steps, ..Venue::default() })["level_or_ramp"], Answer::No);
    let impossible = WayIn { has_ramp: Some(true), ..way_in.clone() };
    assert_eq!(measured(&Venue { way_in: impossible, ..Venue::default() }).get("ramp_slope"), None);
    let entrance = Entrance { way_in, ..Entrance::default() };
    let one = Venue { entrances: vec![entrance.clone()], ..Venue::default() };
    assert_eq!(measured(&one)["door_width"], Answer::Yes);
    let two = Venue { entrances: vec![entrance.clone(), entrance], ..Venue::default() };
    assert_eq!(measured(&two).get("door_width"), None);
}

#[test]
fn an_answer_to_what_nobody_asked_is_named() {
    let answers: Answers = [("colour".to_owned(), Answer::Yes)].into_iter().collect();
    assert!(check(&answers).unwrap_err().to_string().contains("answers.colour"));
    assert!(check(&measured(&Venue::default())).is_ok());
}
