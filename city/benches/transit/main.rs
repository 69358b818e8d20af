//! Trip matching and arrival prediction against a simulated city whose truth is known.

mod facts;
#[allow(dead_code, reason = "the tests use other parts of it than the benchmark")]
mod simulator;

use simulator::routes::Size;
use simulator::{City, noise};

fn main() {
    for (size, seed) in [Size::Small, Size::Middle, Size::Large].into_iter().zip(noise::DEVELOPMENT_SEEDS) {
        facts::print(&format!("{size:?}"), &City::new(size, seed), 0..7);
    }
}
