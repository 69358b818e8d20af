//! The verdict for a person, held against one file of cases that any copy of the
//! rule can be held against too. `BLESS=1 cargo test -p misto-city --test access` writes it anew.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use misto_city::access::norms::{self, Standing};
use misto_city::access::{Language, RULES, Reason, Verdict, implausible, judge};
use misto_model::{AccessProfile, StepsAllowed, Venue};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

const NEEDS: [(&str, &str); 6] = [
    ("help", "help_can_be_called"),
    ("audio", "audio_information"),
    ("visual", "visual_information"),
    ("tactile", "tactile_information"),
    ("toilet", "accessible_toilet"),
    ("parking", "accessible_parking_spaces"),
];

fn person(body: &Value) -> AccessProfile {
    let needs = |need: &str| body["needs"].as_array().is_some_and(|all| all.iter().any(|n| n == need));
    AccessProfile {
        chair_width_cm: body["chair_width_cm"].as_f64(),
        clearance_cm: body["clearance_cm"].as_f64(),
        max_climb_cm: body["max_climb_cm"].as_f64(),
        needs_firm_surface: needs("surface"),
        max_slope_percent: body["max_slope_percent"].as_f64(),
        steps: match body["steps"].as_str() {
            Some("none") => StepsAllowed::None,
            Some("one") => StepsAllowed::One,
            _ => StepsAllowed::Any,
        },
        needs_help: needs("help"),
        needs_audio: needs("audio"),
        needs_visual: needs("visual"),
        needs_tactile: needs("tactile"),
        needs_toilet: needs("toilet"),
        needs_parking: needs("parking"),
    }
}

fn venue(measured: &Value) -> Venue {
    serde_json::from_value(measured.clone()).unwrap()
}

/// Every combination of the values; null is left out, as in a file.
fn every(attributes: &[(&str, Vec<Value>)]) -> Vec<Value> {
    let mut all = vec![Map::new()];
    for (name, values) in attributes {
        all = all
            .iter()
            .flat_map(|sofar| {
                values.iter().map(move |value| {
                    let mut next = sofar.clone();
                    if !value.is_null() {
                        next.insert((*name).to_owned(), value.clone());
                    }
                    next
                })
            })
            .collect();
    }
    all.into_iter().map(Value::Object).collect()
}

fn flag() -> Vec<Value> {
    vec![Value::Null, json!(false), json!(true)]
}

fn need_values(need: &str) -> Vec<Value> {
    if need == "parking" { vec![Value::Null, json!(0), json!(2)] } else { flag() }
}

fn cases() -> Vec<(Value, Value)> {
    let way = every(&[
        ("door_width_cm", vec![Value::Null, json!(60), json!(70), json!(95)]),
        ("entrance_steps", vec![Value::Null, json!(0), json!(3)]),
        ("has_ramp", flag()),
        ("ramp_slope_percent", vec![Value::Null, json!(5), json!(18)]),
    ]);
    let chairs = [json!({"chair_width_cm": 68}), json!({"max_slope_percent": 6}), json!({"steps": "none"})];
    let mut cases = Vec::new();
    for chair in &chairs {
        cases.extend(way.iter().map(|venue| (chair.clone(), venue.clone())));
    }
    let steps = every(&[("entrance_steps", vec![Value::Null, json!(0), json!(1), json!(3)]), ("has_ramp", flag())]);
    cases.extend(steps.into_iter().map(|venue| (json!({"steps": "one"}), venue)));
    let all: Vec<(&str, Vec<Value>)> = NEEDS.iter().map(|(need, name)| (*name, need_values(need))).collect();
    let everything = json!({"needs": NEEDS.map(|(need, _)| need)});
    cases.extend(every(&all).into_iter().map(|venue| (everything.clone(), venue)));
    let level = |more: Value| {
        let mut venue = json!({"door_width_cm": 95, "entrance_steps": 0});
        venue.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        (chairs[0].clone(), venue)
    };
    cases.extend([
        level(json!({"threshold_height_cm": 2})),
        level(json!({"threshold_height_cm": 5})),
        level(json!({"threshold_height_cm": 9})),
        level(json!({"has_ramp": true, "ramp_slope_percent": 5, "ramp_width_cm": 60})),
        level(json!({"door_width_cm": 70_000})),
        level(json!({"has_ramp": true, "ramp_slope_percent": 120})),
        (chairs[0].clone(), json!({"has_ramp": true, "ramp_slope_percent": 5})),
    ]);
    cases.extend(further_cases());
    cases
}

/// What only decides for some persons or some places.
fn further_cases() -> Vec<(Value, Value)> {
    let mut cases = Vec::new();
    let mut cross = |who: Value, attributes: &[(&str, Vec<Value>)]| {
        cases.extend(every(attributes).into_iter().map(|venue| (who.clone(), venue)));
    };
    let good_door = ("door_width_cm", vec![json!(95)]);
    let steps = ("entrance_steps", vec![json!(0), json!(2)]);
    let chair = json!({"chair_width_cm": 68});
    cross(chair.clone(), &[good_door.clone(), steps.clone(), ("has_ramp", flag()), ("has_hoist", flag())]);
    let blocked = [("has_ramp", flag()), ("ramp_slope_percent", vec![json!(5)]), ("ramp_blocked", flag())];
    let any_steps = ("entrance_steps", vec![Value::Null, json!(0), json!(1), json!(3)]);
    cross(chair.clone(), &[&[good_door.clone(), any_steps.clone()], &blocked[..]].concat());
    cross(json!({"steps": "one"}), &[&[any_steps], &blocked[..]].concat());
    cross(
        json!({"chair_width_cm": 68, "max_climb_cm": 80}),
        &[
            good_door.clone(),
            steps.clone(),
            ("has_ramp", vec![json!(true)]),
            ("ramp_slope_percent", vec![Value::Null, json!(0), json!(8), json!(30)]),
            ("ramp_length_cm", vec![Value::Null, json!(900), json!(1_100), json!(1)]),
            ("ramp_portable", flag()),
        ],
    );
    cross(chair.clone(), &[good_door.clone(), steps, ("door_revolving", flag())]);
    cross(json!({"chair_width_cm": 68, "clearance_cm": 12}), &[("door_width_cm", vec![json!(75), json!(80)])]);
    let surfaces = vec![Value::Null, json!("asphalt"), json!("gravel"), json!("moon dust")];
    cross(json!({"needs": ["surface"]}), &[("approach_surface", surfaces)]);
    let level = ("entrance_steps", vec![json!(0)]);
    let lift = |states: &[Value]| json!(states.iter().map(|state| json!({"is_working": state})).collect::<Vec<_>>());
    let [works, broken, untold] = [json!(true), json!(false), Value::Null];
    let lifts = [
        Value::Null,
        lift(std::slice::from_ref(&works)),
        lift(std::slice::from_ref(&broken)),
        lift(std::slice::from_ref(&untold)),
        lift(&[broken.clone(), works]),
        lift(&[broken, untold]),
    ];
    cross(chair.clone(), &[good_door.clone(), level.clone(), ("lift_required", flag()), ("lifts", lifts.to_vec())]);
    cross(
        json!({"chair_width_cm": 68, "needs": ["toilet"]}),
        &[
            good_door,
            level,
            ("accessible_toilet", flag()),
            ("toilet_door_width_cm", vec![Value::Null, json!(60), json!(80), json!(8_000)]),
        ],
    );
    for (need, whole, part) in [
        ("audio", "audio_information", "induction_loop"),
        ("visual", "visual_information", "captions"),
        ("tactile", "tactile_information", "braille"),
    ] {
        cross(json!({"needs": [need]}), &[(whole, flag()), (part, flag())]);
    }
    let stairs = json!({"door_width_cm": 95, "entrance_steps": 4, "has_ramp": false});
    let yard = json!({"door_width_cm": 95, "entrance_steps": 0, "help_can_be_called": false});
    let side = json!({"name": "side"});
    let entrances = [
        json!([stairs]),
        json!([side]),
        json!([yard]),
        json!([stairs, side]),
        json!([side, stairs]),
        json!([stairs, side, yard]),
    ];
    let help = json!({"chair_width_cm": 68, "needs": ["help"]});
    for who in [chair, help] {
        let called = ("help_can_be_called", flag());
        cases.extend(every(&[("entrances", entrances.to_vec()), called]).into_iter().map(|venue| (who.clone(), venue)));
    }
    cases
}

/// The file: one line a case, then one example of each reason with its words.
fn golden() -> String {
    let mut text = String::from("{\"cases\": [\n");
    let mut words: BTreeMap<&str, Value> = BTreeMap::new();
    let cases = cases();
    for (index, (who, measured)) in cases.iter().enumerate() {
        let (verdict, reasons) = judge(&venue(measured), &person(who)).unwrap();
        let codes: Vec<&str> = reasons.iter().map(|reason| reason.code).collect();
        let comma = if index + 1 < cases.len() { "," } else { "" };
        let line = json!({"person": who, "venue": measured, "verdict": verdict, "reasons": codes});
        writeln!(text, "{line}{comma}").unwrap();
        for reason in reasons {
            words.entry(reason.code).or_insert_with(|| in_words(&reason));
        }
    }
    text.push_str("],\n\"reasons\": [\n");
    let lines: Vec<String> = words.values().map(Value::to_string).collect();
    writeln!(text, "{}\n]}}", lines.join(",\n")).unwrap();
    text
}

fn in_words(reason: &Reason) -> Value {
    let mut value = json!(reason);
    value["uk"] = json!(reason.words(Language::Ukrainian));
    value["en"] = json!(reason.words(Language::English));
    value
}

/// Read when the tests run: the file may not stand yet when they are built.
fn path() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/access_cases.json")
}

fn file() -> Value {
    serde_json::from_str(&std::fs::read_to_string(path()).unwrap()).unwrap()
}

#[test]
fn every_case_of_the_file_is_judged_as_it_says() {
    let path = path();
    let found = golden();
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &found).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap();
    for (number, (found, expected)) in found.lines().zip(expected.lines()).enumerate() {
        assert_eq!(found, expected, "line {}", number + 1);
    }
    assert_eq!(found.lines().count(), expected.lines().count());
}

/// Told apart from the rule: what the written file may never say.
#[test]
fn no_case_of_the_file_is_green_without_its_deciding_measurements() {
    let file = file();
    let cases = file["cases"].as_array().unwrap();
    let mut green = 0;
    for case in cases.iter().filter(|case| case["verdict"] == "fits" || case["verdict"] == "fits_with_help") {
        green += 1;
        let (who, venue) = (&case["person"], &case["venue"]);
        let wheelchair =
            who["steps"] == "none" || !who["chair_width_cm"].is_null() || !who["max_slope_percent"].is_null();
        // Some one entrance, or the venue itself where it has none, must be measured through and through.
        let ways = venue["entrances"].as_array().cloned().unwrap_or_else(|| vec![venue.clone()]);
        let passable = |way: &Value| {
            let slope = way["ramp_slope_percent"].as_f64();
            let by_ramp = way["has_ramp"] == true && slope.is_some_and(|slope| slope <= 8.0);
            let by_hoist = way["has_ramp"] != true && way["has_hoist"] == true && case["verdict"] == "fits_with_help";
            let level = way["entrance_steps"] == 0 && way["has_ramp"] != true;
            way["door_width_cm"].as_f64() >= Some(68.0)
                && way["entrance_steps"].is_number()
                && way["door_revolving"] != true
                && (level || by_ramp || by_hoist)
        };
        if wheelchair {
            assert!(ways.iter().any(passable), "{case}");
            let works = |lifts: &Value| lifts.as_array().is_some_and(|all| all.iter().any(|l| l["is_working"] == true));
            assert!(venue["lift_required"] != true || works(&venue["lifts"]), "{case}");
        }
        let part = [("audio", "induction_loop"), ("visual", "captions"), ("tactile", "braille")];
        for (need, attribute) in NEEDS {
            if who["needs"].as_array().is_some_and(|all| all.iter().any(|n| n == need)) {
                let in_part =
                    part.iter().any(|(of, part)| *of == need && venue[attribute].is_null() && venue[part] == true);
                let there = venue[attribute] == true || venue[attribute] == 2 || in_part;
                assert!(there || (need == "help" && ways.iter().any(|way| way[attribute] == true)), "{case}");
            }
        }
    }
    assert!(cases.len() > 1_000 && green > 20, "{} cases, {green} green", cases.len());
}

#[test]
fn a_deciding_fact_is_told_in_words_with_its_unit() {
    let chair = person(&json!({"chair_width_cm": 68}));
    let (_, reasons) = judge(&venue(&json!({"door_width_cm": 67.5, "entrance_steps": 0})), &chair).unwrap();
    assert_eq!(reasons[0].words(Language::English), "door 67.5 cm, you need 73 cm");
    assert_eq!(reasons[0].words(Language::Ukrainian), "двері 67,5 см, вам потрібно 73 см");
    assert_eq!(json!(reasons[0])["unit"], "cm");
    let file = file();
    for reason in file["reasons"].as_array().unwrap() {
        for language in ["uk", "en"] {
            let words = reason[language].as_str().unwrap();
            assert!(words != reason["code"] && !words.contains(['{', '?']), "{reason}");
        }
    }
}

#[test]
fn a_number_that_cannot_be_meant_is_named_and_never_green() {
    let chair = person(&json!({"chair_width_cm": 68}));
    for (bad, attribute) in [
        (json!({"door_width_cm": 70_000, "entrance_steps": 0}), "door_width_cm"),
        (
            json!({"door_width_cm": 95, "entrance_steps": 3, "has_ramp": true, "ramp_slope_percent": 120}),
            "ramp_slope_percent",
        ),
        (json!({"door_width_cm": 95, "entrance_steps": 0, "threshold_height_cm": -1}), "threshold_height_cm"),
    ] {
        let (verdict, reasons) = judge(&venue(&bad), &chair).unwrap();
        assert_eq!(verdict, Verdict::Unknown, "{bad}");
        assert!(reasons.iter().any(|r| r.code == "implausible" && r.attribute == attribute), "{reasons:?}");
        assert_eq!(implausible(&venue(&bad))[0].attribute, attribute);
    }
}

#[test]
fn a_norm_is_met_not_met_or_not_measured() {
    let standing =
        |measured: Value| norms::meets(&venue(&measured)).into_iter().map(|answer| answer.standing).collect::<Vec<_>>();
    use Standing::{DoesNotMeet, Meets, NotMeasured};
    assert_eq!(standing(json!({})), [NotMeasured; 3]);
    assert_eq!(standing(json!({"door_width_cm": 75})), [DoesNotMeet, DoesNotMeet, Meets]);
    assert_eq!(standing(json!({"door_width_cm": 70_000})), [NotMeasured; 3]);
    let ramp = json!({"door_width_cm": 90, "has_ramp": true, "ramp_slope_percent": 9, "ramp_width_cm": 100,
        "ramp_handrails": true, "accessible_parking_spaces": 1});
    assert_eq!(standing(ramp), [DoesNotMeet, Meets, Meets]);
    let level = json!({"door_width_cm": 90, "has_ramp": false, "accessible_parking_spaces": 1});
    assert_eq!(standing(level), [Meets; 3]);
    let two = json!({"door_width_cm": 120, "entrances": [{"door_width_cm": 60}, {"door_width_cm": 75}]});
    assert_eq!(standing(two), [DoesNotMeet, DoesNotMeet, Meets]);
    assert!(RULES.norms.iter().all(|norm| !norm.source.is_empty() && norm.as_of.len() == 7));
}

#[test]
fn a_venue_is_as_good_as_its_best_entrance() {
    let chair = person(&json!({"chair_width_cm": 68}));
    let judged = |entrances: Value| {
        judge(&venue(&json!({"door_width_cm": 95, "entrance_steps": 0, "entrances": entrances})), &chair).unwrap()
    };
    let stairs = json!({"name": "main", "door_width_cm": 95, "entrance_steps": 4, "has_ramp": false});
    let level = json!({"name": "yard", "door_width_cm": 95, "entrance_steps": 0});
    let unmeasured = json!({"name": "side"});
    assert_eq!(judged(json!([stairs, unmeasured, level])).0, Verdict::Fits);
    let (verdict, reasons) = judged(json!([stairs, unmeasured]));
    assert_eq!(verdict, Verdict::Unknown, "the venue's own door is not asked where entrances are known");
    assert!(reasons.iter().all(|reason| reason.entrance == Some(2)), "{reasons:?}");
    assert_eq!(judged(json!([stairs])).0, Verdict::DoesNotFit);
    let text = json!([level]).to_string();
    assert_eq!(judged(json!(text)).0, Verdict::Fits, "a table keeps them as text");
    assert_eq!(judged(Value::Null).0, Verdict::Fits, "no entrance of its own: the venue's");
    let far = json!({"door_width_cm": 70_000, "entrance_steps": 0});
    assert_eq!(judged(json!([stairs, far])).0, Verdict::Unknown);
    assert_eq!(implausible(&venue(&json!({"entrances": [stairs, far]})))[0].entrance, Some(2));
    let wrong = serde_json::from_value::<Venue>(json!({"entrances": "[{\"door_width_cm\": \"wide\"}]"}));
    assert!(wrong.unwrap_err().to_string().contains("expected JSON as Misto writes it"));
}

fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Fits => 2,
        Verdict::FitsWithHelp => 1,
        Verdict::Unknown | Verdict::DoesNotFit => 0,
    }
}

fn any_venue() -> impl Strategy<Value = Value> {
    let number = |low: f64, high: f64| proptest::option::of(low..high);
    let yes = || proptest::option::of(any::<bool>());
    (
        (number(20.0, 200.0), number(0.0, 12.0), proptest::option::of(0_u32..5), yes(), number(0.0, 25.0)),
        (number(50.0, 200.0), yes(), yes(), yes(), yes(), yes(), proptest::option::of(0_u32..3)),
    )
        .prop_map(|((door, sill, steps, ramp, slope), (width, help, audio, visual, tactile, toilet, parking))| {
            json!({"door_width_cm": door, "threshold_height_cm": sill, "entrance_steps": steps, "has_ramp": ramp,
                "ramp_slope_percent": slope, "ramp_width_cm": width, "help_can_be_called": help,
                "audio_information": audio, "visual_information": visual, "tactile_information": tactile,
                "accessible_toilet": toilet, "accessible_parking_spaces": parking})
        })
}

fn any_person() -> impl Strategy<Value = Value> {
    (
        proptest::option::of(50.0..100.0),
        proptest::option::of(2.0..15.0),
        proptest::sample::select(vec!["none", "one", "any"]),
        proptest::sample::subsequence(NEEDS.map(|(need, _)| need).to_vec(), 0..=6),
    )
        .prop_map(|(chair, slope, steps, needs)| {
            json!({"chair_width_cm": chair, "max_slope_percent": slope, "steps": steps, "needs": needs})
        })
}

proptest! {
    /// Taking away a deciding measurement never makes a verdict greener. Threshold, ramp
    /// width and a ramp at a level door are no deciding ones: they only count once known.
    #[test]
    fn no_verdict_gets_better_when_a_deciding_measurement_is_removed(measured in any_venue(), who in any_person()) {
        let Some((before, _)) = judge(&venue(&measured), &person(&who)) else { return Ok(()) };
        for name in measured.as_object().unwrap().keys() {
            let level_ramp = name == "has_ramp" && measured["entrance_steps"] == 0;
            if ["threshold_height_cm", "ramp_width_cm"].contains(&name.as_str()) || level_ramp {
                continue;
            }
            let mut less = measured.clone();
            less[name] = Value::Null;
            let (after, _) = judge(&venue(&less), &person(&who)).unwrap();
            prop_assert!(rank(after) <= rank(before), "without {}: {:?} after {:?}", name, after, before);
        }
    }

    /// Measuring threshold or ramp width never makes a verdict greener than not measuring it.
    #[test]
    fn a_further_measurement_never_hides_an_obstacle(measured in any_venue(), who in any_person()) {
        let Some((with, _)) = judge(&venue(&measured), &person(&who)) else { return Ok(()) };
        for name in ["threshold_height_cm", "ramp_width_cm"] {
            let mut less = measured.clone();
            less[name] = Value::Null;
            let (without, _) = judge(&venue(&less), &person(&who)).unwrap();
            prop_assert!(rank(with) <= rank(without), "{}", name);
        }
    }
}
