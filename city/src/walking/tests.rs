//! A small town that is read at a glance.
//!
//! ```text
//!   n4 ──────────── n5          north, 200 m long way round
//!   │               │
//!   n0 ── n1 ── n2 ── n3        100 m each
//! ```

use misto_model::{
    AccessProfile, FeatureId, Kerb, Position, StepsAllowed, Surface, WalkDirection, WalkingEdge, WalkingNode, WayKind,
};

use super::*;

mod random;

const LON: f64 = 24.71;
const LAT: f64 = 48.92;

/// Metres east and north of the town's corner.
pub(super) fn place(east_m: f64, north_m: f64) -> Place {
    [LON + east_m / 73_067.0, LAT + north_m / 111_195.0]
}

fn position(east_m: f64, north_m: f64) -> Position {
    let [lon, lat] = place(east_m, north_m);
    Position::new(lon, lat).unwrap()
}

pub(super) fn node(id: i64, at: Place, node: WalkingNode) -> Change {
    let node = WalkingNode { node_id: Some(format!("n{id}")), ..node };
    Change::Node { id: FeatureId(id), place: Some(at), node, wrong: Vec::new() }
}

/// Level, wide, asphalt: nothing is unknown.
pub(super) fn good() -> WalkingEdge {
    WalkingEdge {
        kind: Some(WayKind::Footway),
        incline_percent: Some(0.0),
        surface: Some(Surface::Asphalt),
        width_cm: Some(200.0),
        ..WalkingEdge::default()
    }
}

pub(super) fn edge(id: i64, from: i64, to: i64, edge: WalkingEdge) -> Change {
    let edge = WalkingEdge { from_node: Some(format!("n{from}")), to_node: Some(format!("n{to}")), ..edge };
    Change::Edge { id: FeatureId(id), line: None, edge, wrong: Vec::new() }
}

fn steps(count: Option<u32>) -> WalkingEdge {
    WalkingEdge { kind: Some(WayKind::Steps), step_count: count, name: Some("Сходова".into()), ..good() }
}

/// The middle piece of the short way is what is given.
fn town(middle: WalkingEdge) -> Vec<Change> {
    let plain = WalkingNode::default;
    let mut all: Vec<Change> = [(0.0, 0.0), (100.0, 0.0), (200.0, 0.0), (300.0, 0.0), (0.0, 200.0), (300.0, 200.0)]
        .into_iter()
        .enumerate()
        .map(|(id, (east, north))| node(id as i64, place(east, north), plain()))
        .collect();
    all.extend([
        edge(10, 0, 1, good()),
        edge(11, 1, 2, middle),
        edge(12, 2, 3, good()),
        edge(13, 0, 4, good()),
        edge(14, 4, 5, good()),
        edge(15, 5, 3, good()),
    ]);
    all
}

fn chair() -> WalkProfile {
    WalkProfile::of(&AccessProfile { chair_width_cm: Some(68.0), ..AccessProfile::default() })
}

fn asked(network: &Network, profile: &WalkProfile, from: (f64, f64), to: (f64, f64)) -> Result<Answer, NoAnswer> {
    let question = Question {
        from: position(from.0, from.1),
        to: position(to.0, to.1),
        profile: profile.clone(),
        within_m: Question::WITHIN_M,
        landmark: &|_| None,
    };
    answer(network, &question, &mut Workspace::default())
}

fn across(network: &Network, profile: &WalkProfile) -> Answer {
    asked(network, profile, (5.0, 3.0), (295.0, -2.0)).unwrap()
}

#[test]
fn steps_send_a_chair_round_and_the_short_way_is_offered_with_its_barrier() {
    let network = Network::build(town(steps(Some(7))));
    assert_eq!(network.problems(), []);
    let answer = across(&network, &chair());
    assert!((answer.from.distance_m - 3.0).abs() < 0.1, "{:?}", answer.from);
    let best = &answer.ways[0];
    assert_eq!(best.roles, [Role::Best, Role::NoBarrier, Role::Measured]);
    assert!((best.length_m - 710.0).abs() < 5.0, "{}", best.length_m);
    assert!(best.barriers.is_empty() && best.unmeasured.is_empty());
    let short = &answer.ways[1];
    assert_eq!(short.roles, [Role::Shortest]);
    assert_eq!(short.barriers.len(), 1);
    let barrier = &short.barriers[0];
    assert_eq!(
        (barrier.what.as_slice(), barrier.measured, barrier.edges.as_slice()),
        (&[Trouble::Steps][..], Some(7.0), &[11][..])
    );
    assert!((barrier.length_m - 100.0).abs() < 1.0);
    assert_eq!(barrier.words.uk, "сходинок: 7, 100 м: Сходова");
    assert_eq!(barrier.words.en, "steps: 7, 100 m: Сходова");
    let walker = across(&network, &WalkProfile::of(&AccessProfile::default()));
    assert_eq!(walker.ways.len(), 1, "who needs nothing takes the steps");
    assert!((walker.ways[0].length_m - 290.0).abs() < 2.0 && walker.ways[0].barriers.is_empty());
}

#[test]
fn where_only_the_barrier_connects_there_is_a_way_and_it_says_so() {
    let town: Vec<Change> = town(steps(None))
        .into_iter()
        .filter(|change| !matches!(change, Change::Edge { id, .. } if id.0 == 14))
        .collect();
    let network = Network::build(town);
    let answer = across(&network, &chair());
    assert_eq!(answer.impossible, [Role::NoBarrier]);
    assert_eq!(answer.ways[0].barriers[0].words.en, "steps, nobody counted them, 100 m: Сходова");
    let cane = WalkProfile::of(&AccessProfile { steps: StepsAllowed::One, ..AccessProfile::default() });
    let answer = across(&network, &cane);
    assert_eq!(answer.ways[0].barriers, [], "nobody knows that these are too many");
    assert_eq!(answer.ways[0].unmeasured[0].what, [Trouble::StepsUnknown]);
    assert_eq!(answer.impossible, [Role::Measured]);
}

#[test]
fn every_barrier_has_its_name() {
    let with = |change: &dyn Fn(&mut WalkingEdge)| {
        let mut middle = good();
        change(&mut middle);
        let one_way =
            town(middle).into_iter().filter(|change| !matches!(change, Change::Edge { id, .. } if id.0 == 14));
        across(&Network::build(one_way), &chair()).ways.swap_remove(0)
    };
    let named = |way: &Way| way.barriers.iter().chain(&way.unmeasured).flat_map(|m| m.what.clone()).collect::<Vec<_>>();
    type Case<'a> = (&'a dyn Fn(&mut WalkingEdge), Trouble);
    let cases: [Case<'_>; 12] = [
        (&|e| e.incline_percent = Some(8.4), Trouble::SteepUp),
        (&|e| e.incline_percent = Some(-10.4), Trouble::SteepDown),
        (&|e| e.incline_percent = None, Trouble::SlopeUnknown),
        (&|e| e.width_cm = Some(72.0), Trouble::Narrow),
        (&|e| e.width_cm = None, Trouble::WidthUnknown),
        (&|e| e.surface = Some(Surface::Sand), Trouble::Surface),
        (&|e| e.surface = None, Trouble::SurfaceUnknown),
        (&|e| e.blocked = Some(true), Trouble::Blocked),
        (&|e| e.kind = Some(WayKind::Road), Trouble::SidewalkUnknown),
        (&|e| (e.kind, e.in_service) = (Some(WayKind::Elevator), Some(false)), Trouble::OutOfService),
        (&|e| (e.kind, e.in_service) = (Some(WayKind::Elevator), None), Trouble::ServiceUnknown),
        (&|e| e.kind = Some(WayKind::Escalator), Trouble::Escalator),
    ];
    for (change, trouble) in cases {
        let way = with(change);
        assert_eq!(named(&way), [trouble], "{way:?}");
    }
    let level = with(&|e| e.incline_percent = Some(7.9));
    assert!(named(&level).is_empty());
}

#[test]
fn kerbs_gates_and_signals_are_named_at_their_place() {
    let mut all = town(WalkingEdge { kind: Some(WayKind::Crossing), ..good() });
    all.retain(|change| !matches!(change, Change::Edge { id, .. } if id.0 == 14));
    all[1] = node(1, place(100.0, 0.0), WalkingNode { kerb: Some(Kerb::Raised), ..WalkingNode::default() });
    all[2] = node(2, place(200.0, 0.0), WalkingNode { kerb_height_cm: Some(2.5), ..WalkingNode::default() });
    let way =
        |all: &[Change], profile: &WalkProfile| across(&Network::build(all.to_vec()), profile).ways.swap_remove(0);
    let found = way(&all, &chair());
    assert_eq!((found.barriers.len(), found.barriers[0].what[0], found.barriers[0].node), (1, Trouble::Kerb, Some(1)));
    assert_eq!(
        found.turns.iter().map(|turn| turn.kind).collect::<Vec<_>>(),
        [TurnKind::Depart, TurnKind::Cross, TurnKind::Walk, TurnKind::Arrive]
    );
    assert_eq!(found.turns[1].barriers, [1]);
    assert_eq!(found.turns[1].words.uk, "Перейдіть дорогу, 100 м; перешкода 1");
    let blind = WalkProfile::of(&AccessProfile { needs_audio: true, needs_tactile: true, ..AccessProfile::default() });
    let found = way(&all, &blind);
    let unknown: Vec<_> = found.unmeasured.iter().flat_map(|mention| mention.what.clone()).collect();
    assert!(unknown.contains(&Trouble::SoundUnknown) && unknown.contains(&Trouble::TactileUnknown), "{unknown:?}");
    all[2] = node(2, place(200.0, 0.0), WalkingNode::default());
    let found = way(&all, &chair());
    assert_eq!(found.unmeasured[0].what, [Trouble::KerbUnknown], "a crossing whose end says nothing of a kerb");
}

#[test]
fn a_report_changes_the_answer_at_once_and_so_does_its_end() {
    let mut network = Network::build(town(good()));
    let short = across(&network, &chair());
    assert!(short.ways[0].length_m < 300.0);
    network.apply([edge(11, 1, 2, WalkingEdge { blocked: Some(true), ..good() })]);
    let long = across(&network, &chair());
    assert!(long.ways[0].length_m > 600.0 && long.ways[0].barriers.is_empty());
    let walker = across(&network, &WalkProfile::of(&AccessProfile::default()));
    assert!(walker.ways[0].length_m > 600.0, "nobody gets through");
    network.apply([edge(11, 1, 2, good())]);
    assert_eq!(across(&network, &chair()), short);
    network.apply([Change::EdgeGone(FeatureId(11))]);
    assert_eq!(across(&network, &chair()).ways[0].length_m, long.ways[0].length_m);
    // Drawn by hand, without names of nodes, from end to end.
    let line = vec![place(100.0, 0.0), place(150.0, 1.0), place(200.0, 0.0)];
    network.apply([Change::Edge { id: FeatureId(99), line: Some(line), edge: good(), wrong: Vec::new() }]);
    assert!(across(&network, &chair()).ways[0].length_m < 300.0, "a new way joins where its line ends");
    assert_eq!(network.size(), Size { nodes: 6, edges: 6, unused_nodes: 0 });
}

#[test]
fn what_is_broken_is_named_and_the_rest_is_walked() {
    let mut all = town(good());
    let lost = WalkingNode { node_id: Some("lost".into()), ..WalkingNode::default() };
    all.push(Change::Node { id: FeatureId(6), place: Some([0.0, 0.0]), node: lost, wrong: Vec::new() });
    all.push(Change::Node { id: FeatureId(7), place: None, node: WalkingNode::default(), wrong: Vec::new() });
    all.push(node(2, place(0.0, 50.0), WalkingNode::default()));
    all.push(Change::Node {
        id: FeatureId(8),
        place: Some(place(9.0, 9.0)),
        node: WalkingNode { node_id: Some("n2".into()), ..WalkingNode::default() },
        wrong: Vec::new(),
    });
    all.push(edge(20, 3, 3, good()));
    all.push(edge(21, 3, 77, good()));
    let dangling = WalkingEdge { from_node: Some("n3".into()), to_node: Some("nowhere".into()), ..good() };
    all.push(Change::Edge {
        id: FeatureId(22),
        line: Some(vec![place(300.0, 0.0), place(400.0, 0.0)]),
        edge: dangling,
        wrong: Vec::new(),
    });
    all.push(edge(23, 0, 5, WalkingEdge { length_m: Some(3.0), ..good() }));
    let network = Network::build(all);
    let problems = network.problems();
    let named: Vec<(Part, i64, &str)> = problems.iter().map(|p| (p.part, p.feature, p.field)).collect();
    for expected in [
        (Part::Node, 6, "geometry"),
        (Part::Node, 7, "geometry"),
        (Part::Node, 8, "node_id"),
        (Part::Edge, 20, "geometry"),
        (Part::Edge, 21, "geometry"),
        (Part::Edge, 22, "to_node"),
        (Part::Edge, 23, "length_m"),
    ] {
        assert!(named.contains(&expected), "{expected:?} in {problems:#?}");
    }
    assert!(asked(&network, &chair(), (5.0, 0.0), (390.0, 0.0)).is_ok(), "an edge with a missing node can be walked");
    let mut network = network;
    network.apply([node(77, place(300.0, -80.0), WalkingNode::default())]);
    assert!(network.problems().iter().all(|problem| problem.feature != 21), "its node came");
    assert!(asked(&network, &chair(), (5.0, 0.0), (300.0, -75.0)).is_ok());
}

#[test]
fn places_without_a_way_are_told_and_never_a_straight_line() {
    assert_eq!(asked(&Network::default(), &chair(), (0.0, 0.0), (1.0, 1.0)), Err(NoAnswer::NoNetwork));
    let mut all = town(good());
    all.push(node(30, place(1000.0, 0.0), WalkingNode::default()));
    all.push(node(31, place(1100.0, 0.0), WalkingNode::default()));
    all.push(edge(31, 30, 31, good()));
    let network = Network::build(all);
    match asked(&network, &chair(), (150.0, -400.0), (0.0, 0.0)) {
        Err(NoAnswer::NothingNear { end: "from", nearest_m: Some(metres) }) => assert!((metres - 400.0).abs() < 1.0),
        other => panic!("{other:?}"),
    }
    assert!(matches!(
        asked(&network, &chair(), (0.0, 0.0), (90_000.0, 0.0)),
        Err(NoAnswer::NothingNear { end: "to", nearest_m: None })
    ));
    assert!(matches!(asked(&network, &chair(), (0.0, 0.0), (1050.0, 0.0)), Err(NoAnswer::NotJoined { .. })));
    let here = asked(&network, &chair(), (150.0, 1.0), (150.2, 0.0)).unwrap();
    assert!(here.same_place && here.ways[0].length_m < 1.0, "{here:?}");
    assert_eq!(here.ways[0].turns.last().map(|turn| turn.kind), Some(TurnKind::Arrive));
}

#[test]
fn an_escalator_leads_one_way() {
    let up = WalkingEdge { kind: Some(WayKind::Escalator), direction: Some(WalkDirection::Forward), ..good() };
    let network = Network::build(town(up));
    let walker = WalkProfile::of(&AccessProfile::default());
    assert!(across(&network, &walker).ways[0].length_m < 300.0);
    let back = asked(&network, &walker, (295.0, 0.0), (5.0, 0.0)).unwrap();
    assert!(back.ways[0].length_m > 600.0, "{}", back.ways[0].length_m);
}

#[test]
fn turns_say_left_and_right_streets_and_landmarks() {
    let named = |name: &str| WalkingEdge { name: Some(name.into()), ..good() };
    let mut all = town(steps(Some(40)));
    all[9] = edge(13, 0, 4, named("Північна"));
    all[10] = edge(14, 4, 5, named("Довга"));
    let network = Network::build(all);
    let question = Question {
        from: position(50.0, 0.0),
        to: position(250.0, 0.0),
        profile: chair(),
        within_m: 50.0,
        landmark: &|at| (at[1] > LAT + 0.001).then(|| "аптека".to_owned()),
    };
    let answer = answer(&network, &question, &mut Workspace::default()).unwrap();
    let words: Vec<&str> = answer.ways[0].turns.iter().map(|turn| turn.words.en.as_str()).collect();
    assert_eq!(words[0], "Head west: footway, 50 m");
    assert_eq!(words[1], "Turn right: Північна, 200 m");
    assert_eq!(words[2], "Turn right: Довга, 300 m; beside: аптека");
    assert_eq!(answer.ways[0].turns[2].words.uk, "Поверніть праворуч: Довга, 300 м; поруч: аптека");
    assert_eq!(answer.ways[0].turns[3].direction, Some(Direction::Right));
}
