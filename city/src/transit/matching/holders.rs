//! Which vehicle has which run: a run is driven once.

use std::collections::HashMap;

use jiff::civil::Date;

use crate::transit::network::Run;

/// A vehicle's hold on a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Hold {
    /// Number of the vehicle.
    pub vehicle: u64,
    /// How badly it fits.
    pub cost: f64,
    /// Its tracker names the run.
    pub told: bool,
    /// How far it is.
    pub stage: Stage,
}

/// How far a vehicle is with a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Waits for its departure.
    Waits,
    /// Drives it.
    Drives,
    /// Drove it to its end: nobody drives it again.
    Done,
}

/// What stands in the way of taking a run.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Availability {
    /// Nobody has it.
    Free,
    /// Another has it who fits less; it can be taken away.
    Weaker,
    /// Another has it who fits as well or better.
    Taken,
}

#[derive(Debug, Default)]
pub(super) struct Holders {
    by_run: HashMap<Run, Vec<Hold>>,
}

impl Holders {
    /// Whether a vehicle may have a run that it fits so well.
    pub(super) fn availability(&self, run: Run, wanted: Hold, margin: f64) -> Availability {
        let Some(holds) = self.by_run.get(&run) else { return Availability::Free };
        let mut found = Availability::Free;
        for hold in holds {
            if hold.vehicle == wanted.vehicle {
                if hold.stage == Stage::Done {
                    return Availability::Taken;
                }
                continue;
            }
            let both_told = hold.told && wanted.told;
            let weaker =
                (wanted.stage == Stage::Drives && hold.stage == Stage::Waits) || wanted.cost + margin < hold.cost;
            match (both_told, weaker) {
                (true, _) => {}
                (false, true) => found = Availability::Weaker,
                (false, false) => return Availability::Taken,
            }
        }
        found
    }

    /// Takes a run. Those who must give it up keep their hold out of the book; they find
    /// out by [`Holders::holds`].
    pub(super) fn take(&mut self, run: Run, taken: Hold) {
        let holds = self.by_run.entry(run).or_default();
        holds.retain(|hold| hold.vehicle != taken.vehicle && hold.told && taken.told);
        holds.push(taken);
    }

    /// Whether a vehicle still has a run.
    pub(super) fn holds(&self, run: Run, vehicle: u64) -> bool {
        self.by_run
            .get(&run)
            .is_some_and(|holds| holds.iter().any(|hold| hold.vehicle == vehicle && hold.stage != Stage::Done))
    }

    /// A vehicle has come to the end of its run.
    pub(super) fn finish(&mut self, run: Run, vehicle: u64) {
        let holds = self.by_run.get_mut(&run).into_iter().flatten();
        holds.filter(|hold| hold.vehicle == vehicle).for_each(|hold| hold.stage = Stage::Done);
    }

    /// Forgets what was done on service days before one.
    pub(super) fn forget_before(&mut self, day: Date) {
        self.by_run.retain(|run, holds| run.day >= day || holds.iter().any(|hold| hold.stage != Stage::Done));
    }

    /// Gives a run back.
    pub(super) fn give_back(&mut self, run: Run, vehicle: u64) {
        if let Some(holds) = self.by_run.get_mut(&run) {
            holds.retain(|hold| hold.vehicle != vehicle || hold.stage == Stage::Done);
            if holds.is_empty() {
                self.by_run.remove(&run);
            }
        }
    }
}
