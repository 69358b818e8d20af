//! What residents and dispatchers ask about passenger transport.

mod arrivals;
mod dispatch;
mod headways;
mod lines;
mod page;
mod report;
mod report_tables;
mod stops;

pub use arrivals::{__path_arrivals, ArrivalView, ArrivalsView, arrivals};
pub use dispatch::{__path_vehicles, vehicles};
pub use headways::{__path_headways, headways};
pub use lines::{__path_transit_route, __path_transit_routes, transit_route, transit_routes};
pub use page::stop_page;
pub use report::{__path_report, report};
pub use report_tables::{__path_report_table, report_table};
pub use stops::{__path_stops, loaded, stops};
