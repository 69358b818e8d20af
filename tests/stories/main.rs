//! Stories over the real program, one file per user story.

mod access;
mod broken;
mod brokers;
mod browser;
mod doors;
mod editing;
mod faults;
mod feeds;
mod filters;
mod house;
mod imports;
mod journeys;
mod live;
mod ogc;
mod operations;
mod recordings;
mod reports;
mod roles;
mod shapefiles;
mod tiles;
mod transit;
mod venues;
