//! The listeners of one audience, found by what they asked for.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use misto_model::{CollectionId, Position};

use super::Letter;
use super::filter::{Cell, Filter, cell};
use super::mailbox::Mailbox;

/// All listeners of one audience.
#[derive(Debug, Default)]
pub struct Desk {
    next: u64,
    members: HashMap<u64, Member>,
    /// By the cells of their box.
    by_cell: HashMap<Cell, Vec<u64>>,
    /// By route, where there is no box.
    by_route: HashMap<String, Vec<u64>>,
    /// Asked for too much to be found by either.
    anywhere: Vec<u64>,
    /// Who shows a vehicle and must hear when it leaves. Listeners that ask for every
    /// vehicle are not in it.
    showing: HashMap<Arc<str>, Vec<u64>>,
    /// Whose snapshot is being made.
    opening: Vec<u64>,
    coalesced: u64,
}

#[derive(Debug)]
struct Member {
    filter: Arc<Filter>,
    mailbox: Arc<Mailbox>,
    /// Ids under which `showing` names it.
    shows: HashSet<Arc<str>>,
    /// While it is not known what it was shown: vehicles that were elsewhere or gone since
    /// it began to listen. `None` when it is known.
    opening: Option<HashSet<Arc<str>>>,
}

impl Member {
    /// A vehicle that it did not show as far as is known is elsewhere.
    fn misses(&mut self, id: &Arc<str>) {
        if let Some(elsewhere) = &mut self.opening {
            elsewhere.insert(Arc::clone(id));
        }
    }
}

/// A letter that is written when the first listener gets it.
struct Once<F> {
    write: Option<F>,
    written: Option<Arc<Letter>>,
}

impl<F: FnOnce() -> Option<Letter>> Once<F> {
    fn new(write: F) -> Self {
        Self { write: Some(write), written: None }
    }

    fn letter(&mut self) -> Option<Arc<Letter>> {
        if let Some(write) = self.write.take() {
            self.written = write().map(Arc::new);
        }
        self.written.clone()
    }
}

impl Desk {
    /// A new listener; gives its number.
    pub fn open(&mut self, filter: Arc<Filter>, mailbox: Arc<Mailbox>) -> u64 {
        let number = self.next;
        self.next += 1;
        if filter.vehicles {
            self.enter(number, &filter);
        }
        self.members.insert(number, Member { filter, mailbox, shows: HashSet::new(), opening: None });
        self.begin_anew(number);
        number
    }

    fn enter(&mut self, number: u64, filter: &Filter) {
        if let Some(cells) = filter.cells() {
            cells.into_iter().for_each(|cell| self.by_cell.entry(cell).or_default().push(number));
        } else if let (None, Some(routes)) = (filter.within, &filter.routes) {
            routes.iter().for_each(|route| self.by_route.entry(route.clone()).or_default().push(number));
        } else {
            self.anywhere.push(number);
        }
    }

    /// Forgets a listener.
    pub fn close(&mut self, number: u64) {
        self.begin_anew(number);
        self.opening.retain(|other| *other != number);
        let Some(member) = self.members.remove(&number) else { return };
        for cell in member.filter.cells().unwrap_or_default() {
            leave(&mut self.by_cell, &cell, number);
        }
        for route in member.filter.routes.iter().flatten() {
            leave(&mut self.by_route, route, number);
        }
        self.anywhere.retain(|other| *other != number);
    }

    /// A listener was shown these vehicles.
    pub fn settle<'a>(&mut self, number: u64, shown: impl IntoIterator<Item = &'a str>) {
        let Some(member) = self.members.get_mut(&number) else { return };
        let Some(elsewhere) = member.opening.take() else { return };
        self.opening.retain(|other| *other != number);
        if member.filter.takes_all() {
            return;
        }
        for id in shown.into_iter().map(Arc::<str>::from) {
            if elsewhere.contains(&id) {
                put(member, &mut self.coalesced, Some(Arc::new(Letter::gone(&id))));
            } else if member.shows.insert(Arc::clone(&id)) {
                self.showing.entry(id).or_default().push(number);
            }
        }
    }

    /// A listener is shown nothing until it settles again.
    pub fn begin_anew(&mut self, number: u64) {
        let Some(member) = self.members.get_mut(&number) else { return };
        for id in std::mem::take(&mut member.shows) {
            leave(&mut self.showing, &id, number);
        }
        if member.opening.replace(HashSet::new()).is_none() {
            self.opening.push(number);
        }
    }

    /// A vehicle is there.
    pub fn vehicle(
        &mut self,
        id: &str,
        position: Position,
        route: Option<&str>,
        write: impl FnOnce() -> Option<String>,
    ) {
        let (id, before) = self.showing.remove_entry(id).unwrap_or_else(|| (Arc::from(id), Vec::new()));
        let key = Arc::clone(&id);
        let mut told = Once::new(|| Some(Letter::new("vehicle", Some(key), &write()?)));
        let elsewhere = |member: &Member| !member.filter.takes(position, route);
        self.left(&id, &before, elsewhere);
        let mut now = Vec::with_capacity(before.len());
        let found = [self.by_cell.get(&cell(position)), route.and_then(|route| self.by_route.get(route))];
        for number in found.into_iter().flatten().flatten().chain(&self.anywhere) {
            let Some(member) = self.members.get_mut(number).filter(|member| !elsewhere(member)) else { continue };
            if !member.filter.takes_all() {
                now.push(*number);
                if !member.shows.contains(&id) {
                    member.shows.insert(Arc::clone(&id));
                }
            }
            if let Some(elsewhere) = &mut member.opening {
                elsewhere.remove(&id);
            }
            put(member, &mut self.coalesced, told.letter());
        }
        if !now.is_empty() {
            self.showing.insert(id, now);
        }
    }

    /// A vehicle is no longer shown.
    pub fn vehicle_gone(&mut self, id: &str) {
        let (id, before) = self.showing.remove_entry(id).unwrap_or_else(|| (Arc::from(id), Vec::new()));
        self.left(&id, &before, |_| true);
        let mut gone = Once::new(|| Some(Letter::gone(&id)));
        for number in &self.anywhere {
            let Some(member) = self.members.get_mut(number) else { continue };
            if member.filter.takes_all() {
                put(member, &mut self.coalesced, gone.letter());
            }
        }
    }

    /// Tells those who showed a vehicle and do so no longer.
    fn left(&mut self, id: &Arc<str>, before: &[u64], is_elsewhere: impl Fn(&Member) -> bool) {
        let mut gone = Once::new(|| Some(Letter::gone(id)));
        for number in before {
            let Some(member) = self.members.get_mut(number).filter(|member| is_elsewhere(member)) else { continue };
            member.shows.remove(id);
            put(member, &mut self.coalesced, gone.letter());
        }
        for number in &self.opening {
            let Some(member) = self.members.get_mut(number).filter(|member| is_elsewhere(member)) else { continue };
            member.misses(id);
        }
    }

    /// A device gave a reading.
    pub fn reading(&mut self, id: &str, position: Option<Position>, write: impl FnOnce() -> Option<String>) {
        let mut told = Once::new(|| Some(Letter::new("reading", Some(Arc::from(format!("reading {id}"))), &write()?)));
        self.others(|filter| filter.readings && position.is_none_or(|at| filter.holds(at)), || told.letter());
    }

    /// Tiles of a collection changed.
    pub fn tiles(&mut self, collection: &CollectionId, write: impl FnOnce() -> Option<String>) {
        let letter = || Some(Letter { collection: Some(collection.clone()), ..Letter::new("tiles", None, &write()?) });
        let mut told = Once::new(letter);
        self.others(|filter| filter.tiles, || told.letter());
    }

    /// Boards of these stops changed: each listener hears of those in its box.
    pub fn boards(&mut self, stops: &[(Position, &str)]) {
        for member in self.members.values_mut().filter(|member| member.filter.arrivals) {
            let seen: Vec<&str> =
                stops.iter().filter(|(position, _)| member.filter.holds(*position)).map(|(_, id)| *id).collect();
            if !seen.is_empty() {
                let told = serde_json::json!({"stop_ids": seen}).to_string();
                put(member, &mut self.coalesced, Some(Arc::new(Letter::new("arrivals", None, &told))));
            }
        }
    }

    /// A notice for passengers was written, changed or removed.
    pub fn notices(&mut self) {
        let key = Arc::from("alert");
        let mut told = Once::new(|| Some(Letter::new("alert", Some(key), "{}")));
        self.others(|filter| filter.alerts, || told.letter());
    }

    /// Everything must be fetched anew.
    pub fn reset(&mut self, write: impl FnOnce() -> Option<String>) {
        let mut told = Once::new(|| Some(Letter::new("reset", None, &write()?)));
        self.others(|_| true, || told.letter());
    }

    fn others(&mut self, is_wanted: impl Fn(&Filter) -> bool, mut letter: impl FnMut() -> Option<Arc<Letter>>) {
        for member in self.members.values_mut().filter(|member| is_wanted(&member.filter)) {
            put(member, &mut self.coalesced, letter());
        }
    }

    /// Whether nobody listens.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Letters in the fullest mailbox.
    pub fn most_waiting(&self) -> usize {
        self.members.values().map(|member| member.mailbox.len()).max().unwrap_or(0)
    }

    /// Letters for which a newer one stood before they were read.
    pub fn coalesced(&self) -> u64 {
        self.coalesced
    }
}

fn put(member: &Member, coalesced: &mut u64, letter: Option<Arc<Letter>>) {
    if let Some(letter) = letter {
        *coalesced += member.mailbox.put(letter) as u64;
    }
}

/// Takes a listener out of a list; a list without any goes.
fn leave<K: std::hash::Hash + Eq>(lists: &mut HashMap<K, Vec<u64>>, key: &K, number: u64) {
    if let Some(list) = lists.get_mut(key) {
        list.retain(|other| *other != number);
        if list.is_empty() {
            lists.remove(key);
        }
    }
}
