//! Time-dependent Dijkstra: the other way to find an earliest arrival, without rounds.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::truth::Truth;

/// Runs that call at the same stops, by departure.
struct Line {
    runs: Vec<usize>,
    /// Whether none overtakes another: then the first to be boarded is enough.
    in_order: bool,
}

pub struct Dijkstra<'a> {
    truth: &'a Truth,
    lines: Vec<Line>,
    /// Lines and calls at each stop.
    at_stop: Vec<Vec<(usize, usize)>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum State {
    Ready(usize),
    Aboard { run: usize, call: usize },
}

impl<'a> Dijkstra<'a> {
    pub fn new(truth: &'a Truth) -> Self {
        let mut by_calls: BTreeMap<Vec<(usize, bool, bool)>, Vec<usize>> = BTreeMap::new();
        for (number, run) in truth.runs.iter().enumerate() {
            let key = run.calls.iter().map(|call| (call.stop, call.boards, call.alights)).collect();
            by_calls.entry(key).or_default().push(number);
        }
        let mut at_stop = vec![Vec::new(); truth.stops.len()];
        let mut lines = Vec::new();
        for (calls, mut runs) in by_calls {
            let times = |run: usize| truth.runs[run].calls.iter().flat_map(|call| [call.arrival, call.departure]);
            runs.sort_by_key(|run| times(*run).collect::<Vec<_>>());
            let in_order = runs.windows(2).all(|two| times(two[0]).zip(times(two[1])).all(|(a, b)| a <= b));
            for (call, (stop, boards, _)) in calls.iter().enumerate() {
                if *boards && truth.usable[*stop] {
                    at_stop[*stop].push((lines.len(), call));
                }
            }
            lines.push(Line { runs, in_order });
        }
        Self { truth, lines, at_stop }
    }

    /// The earliest arrival by ride at each stop, from stops at which one stands at a moment.
    /// With ways to a door it ends when that is reached.
    pub fn arrivals(
        &self,
        starts: &[(usize, i64)],
        door: Option<&BTreeMap<usize, i64>>,
        until: i64,
    ) -> (Vec<i64>, i64) {
        let truth = self.truth;
        let mut arrived = vec![i64::MAX; truth.stops.len()];
        let mut at_door = i64::MAX;
        let mut ready = vec![i64::MAX; truth.stops.len()];
        let mut boarded = vec![usize::MAX; truth.runs.len()];
        let mut open = BinaryHeap::new();
        for &(stop, at) in starts.iter().filter(|(stop, _)| truth.usable[*stop]) {
            open.push(Reverse((at, State::Ready(stop))));
        }
        while let Some(Reverse((at, state))) = open.pop() {
            if at > until || at >= at_door {
                break;
            }
            match state {
                State::Ready(stop) if ready[stop] == i64::MAX => {
                    ready[stop] = at;
                    for &(line, call) in &self.at_stop[stop] {
                        self.board(line, call, at, &mut boarded, &mut open);
                    }
                }
                State::Ready(_) => {}
                State::Aboard { run, call } => {
                    let calls = &truth.runs[run].calls;
                    let here = &calls[call];
                    if here.alights && truth.usable[here.stop] && at < arrived[here.stop] {
                        arrived[here.stop] = at;
                        let on_foot = door.and_then(|door| door.get(&here.stop));
                        at_door = at_door.min(on_foot.map_or(i64::MAX, |walk_s| at + walk_s));
                        for &(to, takes_s) in truth.ways[here.stop].iter().filter(|(to, _)| truth.usable[*to]) {
                            open.push(Reverse((at + takes_s, State::Ready(to))));
                        }
                    }
                    if let Some(next) = calls.get(call + 1) {
                        open.push(Reverse((next.arrival, State::Aboard { run, call: call + 1 })));
                    }
                }
            }
        }
        (arrived, at_door)
    }

    fn board(
        &self,
        line: usize,
        call: usize,
        at: i64,
        boarded: &mut [usize],
        open: &mut BinaryHeap<Reverse<(i64, State)>>,
    ) {
        let line = &self.lines[line];
        let departure = |run: usize| self.truth.runs[run].calls[call].departure;
        let first = if line.in_order { line.runs.partition_point(|run| departure(*run) < at) } else { 0 };
        let fitting = line.runs[first..].iter().copied().filter(|run| departure(*run) >= at);
        for run in fitting.take(if line.in_order { 1 } else { usize::MAX }) {
            if boarded[run] > call {
                boarded[run] = call;
                let next = self.truth.runs[run].calls[call + 1].arrival;
                open.push(Reverse((next, State::Aboard { run, call: call + 1 })));
            }
        }
    }
}
