//! What an atlas promises, seen from outside. Tiles are read by another library than
//! the one that writes them.

#[cfg(test)]
mod answers;
#[cfg(test)]
mod city;
#[cfg(test)]
mod decode;
#[cfg(test)]
mod decoders;
#[cfg(test)]
mod drawing;
#[cfg(test)]
mod edits;
#[cfg(test)]
mod filters;
#[cfg(test)]
mod fixtures;
#[cfg(test)]
mod publication;
#[cfg(test)]
mod questions;
#[cfg(test)]
mod thinning;
