//! Stories over the real program, one file per user story.

mod access;
mod brokers;
mod browser;
mod doors;
mod editing;
mod faults;
mod house;
mod imports;
mod live;
mod operations;
mod recordings;
mod tiles;
mod transit;
