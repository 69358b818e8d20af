//! The rounds: what is reached with one ride, with two, and so on.
//!
//! Labels stay from one start to the next, so that starts at ever earlier moments find only
//! what is better than all that leaves later (rRAPTOR, section 4.2 of the paper).

use super::world::{Hop, LineNumber, NEVER, World};

/// A way through the rounds, as it is ridden: its first hop first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Trail {
    /// The moment at the door at which it ends, in the direction of the search.
    pub(super) ends: i32,
    pub(super) hops: Vec<Hop>,
}

const NO_HOP: Hop = Hop { line: LineNumber::MAX, trip: 0, board: 0, alight: 0 };

pub(super) struct Search<'a, const BACK: bool> {
    world: &'a World<'a>,
    rounds: usize,
    /// Seconds on foot from a stop to the door where the way ends; [`NEVER`] where it is too far.
    last_walk: Vec<i32>,
    /// By round and stop: when one comes there by ride, and by which.
    arrived: Vec<i32>,
    hops: Vec<Hop>,
    /// By round and stop: when one may board there, and at which stop one got off before.
    ready: Vec<i32>,
    off_at: Vec<u32>,
    /// By round: the earliest end, and the stop before it.
    ends: Vec<(i32, u32)>,
    marked: Vec<u32>,
    is_marked: Vec<bool>,
    /// The first call, in the direction of the search, from which a line is to be ridden.
    queued: Vec<u16>,
    queue: Vec<LineNumber>,
    reached: Vec<u32>,
    is_reached: Vec<bool>,
}

const NOT_QUEUED: u16 = u16::MAX;

impl<'a, const BACK: bool> Search<'a, BACK> {
    /// A search with at most so many rides; `last_walks` lead from stops to the door where it
    /// ends. What ends at `bound` or later is not looked for.
    pub(super) fn new(world: &'a World<'a>, rounds: usize, last_walks: &[(u32, i32)], bound: i32) -> Self {
        let stops = world.stops();
        let mut last_walk = vec![NEVER; stops];
        for &(stop, seconds) in last_walks.iter().filter(|(stop, _)| world.is_usable(*stop)) {
            last_walk[stop as usize] = last_walk[stop as usize].min(seconds);
        }
        let of_rounds = (rounds + 1) * stops;
        Self {
            world,
            rounds,
            last_walk,
            arrived: vec![NEVER; of_rounds],
            hops: vec![NO_HOP; of_rounds],
            ready: vec![NEVER; of_rounds],
            off_at: vec![u32::MAX; of_rounds],
            ends: vec![(bound, u32::MAX); rounds + 1],
            marked: Vec::new(),
            is_marked: vec![false; stops],
            queued: vec![NOT_QUEUED; world.lines()],
            queue: Vec::new(),
            reached: Vec::new(),
            is_reached: vec![false; stops],
        }
    }

    /// One stands at a stop at a moment, in the direction of the search.
    pub(super) fn start(&mut self, stop: u32, at: i32) {
        if self.world.is_usable(stop) && at < self.ready[stop as usize] {
            self.ready[stop as usize] = at;
            self.mark(stop);
        }
    }

    /// Rides on from all starts; gives the numbers of rides with which the end is reached
    /// earlier than before.
    pub(super) fn run(&mut self) -> Vec<usize> {
        let mut better = Vec::new();
        for round in 1..=self.rounds {
            if self.marked.is_empty() {
                break;
            }
            self.enqueue();
            let before = self.ends[round].0;
            for line in std::mem::take(&mut self.queue) {
                let from = std::mem::replace(&mut self.queued[line as usize], NOT_QUEUED);
                self.ride(line, from, round);
            }
            if self.ends[round].0 < before {
                better.push(round);
            }
            self.change(round);
        }
        self.clear();
        better
    }

    /// When one comes to a stop by at most so many rides; [`NEVER`] when not.
    pub(super) fn arrival(&self, stop: u32) -> i32 {
        (1..=self.rounds).map(|round| self.arrived[round * self.world.stops() + stop as usize]).min().unwrap_or(NEVER)
    }

    /// The best way with exactly so many rides.
    pub(super) fn trail(&self, rides: usize) -> Trail {
        let stops = self.world.stops();
        let (ends, mut stop) = self.ends[rides];
        let mut hops = Vec::with_capacity(rides);
        for round in (1..=rides).rev() {
            let hop = self.hops[round * stops + stop as usize];
            let lane = self.world.line(hop.line).lane;
            let begins = lane.stops[usize::from(if BACK { hop.alight } else { hop.board })];
            hops.push(hop);
            stop = if round > 1 { self.off_at[(round - 1) * stops + begins as usize] } else { begins };
        }
        if !BACK {
            hops.reverse();
        }
        Trail { ends, hops }
    }

    fn mark(&mut self, stop: u32) {
        if !std::mem::replace(&mut self.is_marked[stop as usize], true) {
            self.marked.push(stop);
        }
    }

    fn clear(&mut self) {
        for stop in self.marked.drain(..) {
            self.is_marked[stop as usize] = false;
        }
    }

    fn enqueue(&mut self) {
        let world = self.world;
        for stop in std::mem::take(&mut self.marked) {
            self.is_marked[stop as usize] = false;
            for (line, call) in world.lines_at(stop) {
                let queued = &mut self.queued[line as usize];
                if *queued == NOT_QUEUED {
                    self.queue.push(line);
                    *queued = call;
                } else {
                    *queued = if BACK { call.max(*queued) } else { call.min(*queued) };
                }
            }
        }
    }

    /// Rides a line from a call on, in each trip as soon as it can be boarded.
    fn ride(&mut self, line: LineNumber, from: u16, round: usize) {
        let world = self.world;
        let (number, line) = (line, world.line(line));
        let lane = line.lane;
        let before = (round - 1) * world.stops();
        let mut on: Option<(u32, usize)> = None;
        let mut call = usize::from(from);
        loop {
            let stop = lane.stops[call];
            if world.is_usable(stop) {
                if let Some((trip, boarded)) = on.filter(|_| line.sets_down::<BACK>(call)) {
                    let (board, alight) = if BACK { (call, boarded) } else { (boarded, call) };
                    let hop = Hop { line: number, trip, board: board as u16, alight: alight as u16 };
                    self.come(stop, line.comes::<BACK>(trip, call), round, hop);
                }
                let ready = self.ready[before + stop as usize];
                let earlier = on.is_none_or(|(trip, _)| ready <= line.leaves::<BACK>(trip, call));
                if ready < NEVER && earlier && line.takes_on::<BACK>(call) {
                    let found = line.first_trip::<BACK>(call, ready, on.map(|(trip, _)| trip));
                    on = found.map(|trip| (trip, call)).or(on);
                }
            }
            let last = if BACK { call == 0 } else { call + 1 == lane.stops.len() };
            if last {
                break;
            }
            call = if BACK { call - 1 } else { call + 1 };
        }
    }

    fn come(&mut self, stop: u32, at: i32, round: usize, hop: Hop) {
        let stops = self.world.stops();
        let place = stop as usize;
        let bound = self.ends[1..=round].iter().map(|(end, _)| *end).min().unwrap_or(NEVER);
        if at >= bound || (1..=round).any(|earlier| self.arrived[earlier * stops + place] <= at) {
            return;
        }
        self.arrived[round * stops + place] = at;
        self.hops[round * stops + place] = hop;
        if !std::mem::replace(&mut self.is_reached[place], true) {
            self.reached.push(stop);
        }
        let end = at + self.last_walk[place].min(NEVER / 2);
        if end < bound {
            self.ends[round] = (end, stop);
        }
    }

    /// Changes at every stop that was reached in a round, and walks to those near it.
    fn change(&mut self, round: usize) {
        let world = self.world;
        let stops = world.stops();
        for stop in std::mem::take(&mut self.reached) {
            self.is_reached[stop as usize] = false;
            let off = self.arrived[round * stops + stop as usize];
            for (to, takes_s) in world.ways::<BACK>(stop) {
                let (ready, place) = (off + takes_s, to as usize);
                if (0..=round).all(|earlier| ready < self.ready[earlier * stops + place]) {
                    self.ready[round * stops + place] = ready;
                    self.off_at[round * stops + place] = stop;
                    self.mark(to);
                }
            }
        }
    }
}
