//! Thresholds of the matching.

use crate::transit::visits::VisitRules;

/// Thresholds of the matching. Metres and seconds; costs are negative log-likelihoods
/// (½ z² of a deviation), so 2 stands for about 7 : 1.
#[derive(Debug, Clone, PartialEq)]
pub struct MatchRules {
    /// Error of a fix across the street, one standard deviation: receivers in streets err by
    /// 5–15 m, and shapes are drawn on the axis of the road.
    pub gps_error_m: f64,
    /// Farther than this from a line is not on it.
    pub beside_m: f64,
    /// So many fixes in a row away from the line make a vehicle off route.
    pub off_route_fixes: u32,
    /// … and so long: a receiver that errs for a moment sends three fixes in three seconds.
    pub off_route_after_s: f64,
    /// Back on the line after so many fixes there.
    pub back_on_route_fixes: u32,
    /// Off route for longer gives the trip back.
    pub off_route_at_most_s: f64,
    /// No city vehicle drives faster; a fix that says so must be confirmed by the next.
    pub fastest_m_s: f64,
    /// Driven back by more than this along a line is not driving along it.
    pub backwards_m: f64,
    /// A vehicle is at the start of a pattern up to so far behind its first call.
    pub start_zone_m: f64,
    /// Up to so far behind the first call it still waits for its departure.
    pub waiting_m: f64,
    /// A vehicle is at a terminus within this distance.
    pub terminus_m: f64,
    /// A fix within this of the place where it stands is standing.
    pub standing_m: f64,
    /// Progress along a line before a vehicle that began at its start is taken to drive it.
    pub progress_from_start_m: f64,
    /// The same for one that came by without waiting there.
    pub progress_passing_m: f64,
    /// The same for one that was first seen, or seen again after a gap, in the middle.
    pub progress_first_seen_m: f64,
    /// The same for one that was seen elsewhere before: a street of the line may be a way to the depot.
    pub progress_joined_m: f64,
    /// Between two fixes farther apart than this a vehicle may have done anything.
    pub gap_s: f64,
    /// A trip that leaves on time leaves so much later than planned.
    pub usual_delay_s: f64,
    /// One standard deviation of leaving too early.
    pub early_s: f64,
    /// One standard deviation of being late.
    pub late_s: f64,
    /// The same for a vehicle that stood ready before the planned departure.
    pub late_waiting_s: f64,
    /// Between the end of a trip and the next departure a vehicle needs so long.
    pub turn_s: f64,
    /// Cost above which a trip is no explanation: nobody is so early or so late.
    pub cost_at_most: f64,
    /// By so much the best explanation must be better than the second.
    pub margin: f64,
    /// A tracker's word for trip or route is worth so much.
    pub told_bonus: f64,
    /// The block's next trip is worth so much.
    pub block_bonus: f64,
    /// The run for which a vehicle waited is worth so much.
    pub awaited_bonus: f64,
    /// At the first call for so long is waiting there.
    pub waits_s: f64,
    /// Not to have waited there costs so much.
    pub passing_cost: f64,
    /// A vehicle that was elsewhere when the trip began can hardly be on it: what that costs.
    pub joined_cost: f64,
    /// The route driven before is worth so much.
    pub same_route_bonus: f64,
    /// Standing for longer away from a terminus is standing at a depot.
    pub depot_after_s: f64,
    /// Where so many different vehicles stood long is a depot …
    pub depot_vehicles: usize,
    /// … when each stood there for so long.
    pub depot_stand_s: f64,
    /// A trip whose vehicle stands for longer in the middle of it is given back.
    pub standing_in_service_s: f64,
    /// Next trips are looked for so far ahead.
    pub layover_at_most_s: f64,
    /// While a vehicle is undecided, trips are compared at most this often.
    pub ask_every_s: f64,
    /// Without a fix for longer nothing is known of what it does.
    pub silent_after_s: f64,
    /// Without a fix for longer its trip is given back.
    pub give_back_after_s: f64,
    /// How stop visits are read.
    pub visits: VisitRules,
}

impl Default for MatchRules {
    fn default() -> Self {
        Self {
            gps_error_m: 15.0,
            beside_m: 60.0,
            off_route_fixes: 3,
            off_route_after_s: 15.0,
            back_on_route_fixes: 2,
            off_route_at_most_s: 1_200.0,
            fastest_m_s: 28.0,
            backwards_m: 120.0,
            start_zone_m: 120.0,
            waiting_m: 60.0,
            terminus_m: 150.0,
            standing_m: 40.0,
            progress_from_start_m: 120.0,
            progress_passing_m: 500.0,
            progress_first_seen_m: 400.0,
            progress_joined_m: 1_200.0,
            gap_s: 120.0,
            usual_delay_s: 30.0,
            early_s: 60.0,
            late_s: 210.0,
            late_waiting_s: 100.0,
            turn_s: 60.0,
            cost_at_most: 8.0,
            margin: 2.0,
            told_bonus: 6.0,
            block_bonus: 5.0,
            awaited_bonus: 1.5,
            waits_s: 30.0,
            passing_cost: 2.0,
            joined_cost: 5.0,
            same_route_bonus: 3.0,
            depot_after_s: 900.0,
            depot_vehicles: 3,
            depot_stand_s: 7_200.0,
            standing_in_service_s: 900.0,
            layover_at_most_s: 5_400.0,
            ask_every_s: 8.0,
            silent_after_s: 300.0,
            give_back_after_s: 1_200.0,
            visits: VisitRules::default(),
        }
    }
}
