//! Pages that a person can read without the map: plain HTML without script,
//! Ukrainian, or English for those who would rather read that. Every text is
//! escaped where it is put in.

mod collections;
mod features;
mod frame;
mod stop;
mod survey;

pub use collections::{collection, collections, conformance, landing};
pub use features::{FeaturesPage, feature, features};
pub use frame::Language;
pub use stop::{Moment, StopPage, stop};
pub use survey::{SurveyPage, survey};
