//! What to measure and how much of it, from the command line.

use std::collections::BTreeMap;
use std::str::FromStr;

/// `NAME… --option value…`
pub struct Options {
    names: Vec<String>,
    values: BTreeMap<String, String>,
}

impl Options {
    /// From the arguments of the process.
    ///
    /// # Panics
    /// When an option has no value.
    pub fn read() -> Self {
        let mut options = Self { names: Vec::new(), values: BTreeMap::new() };
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.strip_prefix("--") {
                Some(name) => {
                    let value = arguments.next().unwrap_or_else(|| panic!("--{name} needs a value"));
                    options.values.insert(name.to_owned(), value);
                }
                None => options.names.push(argument),
            }
        }
        options
    }

    /// The parts that were named; empty when none was.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// One value, or what stands when it was not given.
    ///
    /// # Panics
    /// When it cannot be read.
    pub fn value<T: FromStr>(&self, name: &str, otherwise: T) -> T {
        self.values.get(name).map_or(otherwise, |text| read(name, text))
    }

    /// Values divided by commas, or what stands when they were not given.
    ///
    /// # Panics
    /// When one cannot be read.
    pub fn values<T: FromStr + Clone>(&self, name: &str, otherwise: &[T]) -> Vec<T> {
        let given = self.values.get(name);
        given.map_or_else(|| otherwise.to_vec(), |text| text.split(',').map(|word| read(name, word)).collect())
    }
}

fn read<T: FromStr>(name: &str, text: &str) -> T {
    text.replace('_', "").parse().unwrap_or_else(|_| panic!("--{name}: {text:?} cannot be read"))
}
