//! Walking: the best way on foot or on wheels for one person, and what is in it.
//!
//! A [`Network`] holds nodes and edges compactly and takes changes while it stands. A
//! [`WalkProfile`] says what a person can do. [`answer`] gives the best way for this
//! person and the ways that trade one trouble for another; what the profile forbids is a
//! *barrier*, named with its place and length, and never silently crossed; what decides
//! and was never measured is named too. Unknown is neither good nor bad: it costs a stated
//! surcharge.

mod answer;
mod compact;
mod costs;
mod network;
mod problems;
pub mod reference;
mod search;
mod snap;
mod space;
pub mod thresholds;
mod troubles;
mod turns;
mod words;

#[cfg(test)]
mod tests;

pub use answer::{Answer, Mention, NoAnswer, Question, Role, Way, answer};
pub use costs::{Costing, Preference, WalkProfile};
pub use network::{Change, Network, Size};
pub use problems::{NetworkProblem, Part};
pub use search::Workspace;
pub use snap::Snapped;
pub use space::Place;
pub use troubles::Trouble;
pub use turns::{Direction, Turn, TurnKind};
pub use words::Words;
