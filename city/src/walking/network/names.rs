//! Names of streets, each kept once.

use hashbrown::HashTable;

use super::mixed;

#[derive(Debug, Default)]
pub(super) struct Names {
    texts: Vec<Box<str>>,
    table: HashTable<u32>,
}

/// No name.
const NONE: u32 = u32::MAX;

fn hash(text: &str) -> u64 {
    text.bytes().fold(0, |hash, byte| mixed(hash.wrapping_add(u64::from(byte) + 1)))
}

impl Names {
    pub fn number(&mut self, text: Option<&str>) -> u32 {
        let Some(text) = text.filter(|text| !text.trim().is_empty()) else { return NONE };
        if let Some(number) = self.table.find(hash(text), |number| &*self.texts[*number as usize] == text) {
            return *number;
        }
        let number = self.texts.len() as u32;
        self.texts.push(text.into());
        self.table.insert_unique(hash(text), number, |number| hash(&self.texts[*number as usize]));
        number
    }

    pub fn get(&self, number: u32) -> Option<&str> {
        self.texts.get(number as usize).map(|text| &**text)
    }
}
