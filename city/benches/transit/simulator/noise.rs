//! How the simulated city errs: every figure with where it comes from. They were fixed before
//! anything was scored against them. What no source gives is marked as our assumption.

/// Seeds to develop with.
pub const DEVELOPMENT_SEEDS: [u64; 3] = [11, 12, 13];
/// Seeds of the final table; nothing is chosen by looking at them.
pub const SCORING_SEEDS: [u64; 3] = [7_001, 7_002, 7_003];

// Dwell at stops.

/// Doors, and the seconds that one passenger in or out takes: Levinson, Analyzing Transit Travel
/// Time Performance, TRR 915 (1983): dwell = 5.0 + 2.75 N.
pub const DWELL_DOORS_S: f64 = 5.0;
/// See [`DWELL_DOORS_S`].
pub const DWELL_PASSENGER_S: f64 = 2.75;
/// Spread of the logarithm of a dwell around what its passengers explain. TCQSM (TCRP Report 165,
/// 3rd ed., ch. 6) gives 0.4–0.8 as coefficient of variation of all dwells at a stop, 0.6 where
/// nothing is measured; the number of passengers makes about 0.5 of it here.
pub const DWELL_SIGMA: f64 = 0.35;
/// Boardings of one vehicle at a middling stop at the planned interval of the peak: with as many
/// out, a dwell of about 13 s (TCQSM ch. 6: 15 s at an ordinary stop, 30 s at a busy one).
pub const BOARDINGS_PER_INTERVAL: f64 = 1.5;
/// Spread of the logarithm of demand among stops; with it busy stops have 30 s (TCQSM, as above).
pub const DEMAND_SIGMA: f64 = 0.6;
/// Share of the riders that leaves at a stop: rides of about eight stops (3.5 km); the mean unlinked
/// trip by bus in a city is 3–6 km (APTA Fact Book).
pub const ALIGHT_SHARE: f64 = 0.12;
/// Nobody waits longer for one route: demand of a gap does not grow beyond it (our assumption).
pub const LONGEST_WAIT_S: f64 = 2_700.0;

// Driving between stops. Lognormal: Kieu, Bhaskar, Chung, Public Transport Travel-Time Variability,
// J. Transp. Eng. 141 (2015); Büchel, Corman, Review on Statistical Modeling of Travel Time
// Variability, Front. Built Environ. 6:70 (2020). Their coefficients of variation by link, 0.15–0.35,
// are the sum of the parts below: the benchmark prints 0.18 for a middling leg off the peak, 0.25 at it.

/// Metres per second of a bus that nothing hinders, stops and lights apart (30–40 km/h).
pub const FREE_SPEED_M_S: (f64, f64) = (8.5, 11.0);
/// Spread of the logarithm of a link's time that all vehicles of the same minutes share.
pub const CONGESTION_SIGMA: f64 = 0.12;
/// What the peak adds to [`CONGESTION_SIGMA`].
pub const CONGESTION_PEAK_SIGMA: f64 = 0.14;
/// Memory of that congestion, seconds: queues build and clear in 15–30 minutes (our assumption).
pub const CONGESTION_MEMORY_S: f64 = 1_500.0;
/// Share of its variance that a whole street has in common (our assumption).
pub const CONGESTION_STREET_SHARE: f64 = 0.5;
/// Spread from day to day of the whole city (weather, events).
pub const DAY_SIGMA: f64 = 0.06;
/// Spread between drivers and vehicles, the same for a day.
pub const DRIVER_SIGMA: f64 = 0.05;
/// What is left to one vehicle on one leg.
pub const LEG_SIGMA: f64 = 0.12;
/// Correlation of that from leg to leg of a trip (our assumption).
pub const LEG_CORRELATION: f64 = 0.4;
/// How much longer a link takes at the height of the peak: 1.2–1.6 (TomTom Traffic Index gives
/// 30–60 % for cities of this size at the peak).
pub const PEAK_EXTRA: (f64, f64) = (0.2, 0.6);

// Traffic lights.

/// Seconds of a cycle (HCM 2010 ch. 18: 60–120 s).
pub const LIGHT_CYCLE_S: f64 = 90.0;
/// Seconds of it that are green, main street and side street.
pub const LIGHT_GREEN_S: (f64, f64) = (52.0, 30.0);
/// Share of crossings with lights, on main streets and elsewhere (our assumption).
pub const LIGHTS: (f64, f64) = (0.6, 0.15);

// Incidents.

/// Incidents of a day for a hundred links (our assumption).
pub const INCIDENTS_PER_100_LINKS: f64 = 0.6;
/// Median of their duration, seconds, and the spread of its logarithm: Giuliano, Incident
/// characteristics, frequency, and duration, Transp. Res. A 23 (1989): about half an hour;
/// lognormal by Golob, Recker, Leonard, Accid. Anal. Prev. 19 (1987).
pub const INCIDENT_S: (f64, f64) = (1_500.0, 0.6);
/// How many times longer its link takes meanwhile (our assumption).
pub const INCIDENT_FACTOR: (f64, f64) = (2.0, 5.0);

// Service. Transport for London's quarterly tables give 97–99 % of the planned mileage as run
// (tfl.gov.uk, Buses performance data); missed trips, breakdowns and short turns keep within that.

/// Trips planned but not run, together with the way back.
pub const MISSED_TRIPS: f64 = 0.006;
/// Trips on which the vehicle breaks down; what is left of its block is not run.
pub const BREAKDOWNS: f64 = 0.001;
/// A vehicle later than this on its way …
pub const SHORT_TURN_LATE_S: f64 = 480.0;
/// … is turned before the end with this chance (both our assumption).
pub const SHORT_TURNS: f64 = 0.3;
/// A trip that would begin later than this is not run (our assumption).
pub const GIVEN_UP_LATE_S: f64 = 1_500.0;
/// Pull-outs that are late, and their median delay with the spread of its logarithm (our assumption).
pub const LATE_PULL_OUTS: f64 = 0.05;
/// See [`LATE_PULL_OUTS`].
pub const LATE_PULL_OUT_S: (f64, f64) = (360.0, 0.6);
/// Mean seconds by which a trip begins late though its vehicle is there, and the share that begins
/// up to a minute early. The eight distinct departures with a delay in the recordings of Helsinki
/// (`hsl-hfp`, messages DEP) lie from 59 s early to 376 s late, median 0–60 s late.
pub const START_LATE_S: f64 = 45.0;
/// See [`START_LATE_S`].
pub const START_EARLY: f64 = 0.12;
/// Least seconds between the end of a trip and the begin of the next.
pub const LEAST_TURN_S: f64 = 60.0;
/// By how much the planner's running times of a route are off (spread of the logarithm, our assumption).
pub const PLAN_SIGMA: f64 = 0.05;

// Trackers.

/// Circular error probable by tracker, metres. GPS.gov (SPS Performance Standard 2020): 4.9 m for 95 %
/// under open sky, more among houses. Distances from the shape in the recordings of Washington
/// (`wmata-avl`): median 3.5 and 4.8 m, 95 % under 12.3 and 14.0 m, 99 % under 17 and 39 m.
pub const CEP_M: (f64, f64) = (3.0, 8.0);
/// The error wanders: Ranacher et al., Why GPS makes distances bigger than they are, IJGIS 30 (2016),
/// find it strongly correlated in time. Seconds of memory (our assumption).
pub const ERROR_MEMORY_S: f64 = 60.0;
/// Share of fixes in a burst of reflected signals, how long one lasts, and how far it leads astray, metres:
/// 1 of 38 and 3 of 145 fixes of `wmata-avl` lie over 100 m from the shape, detours among them.
pub const OUTLIERS: f64 = 0.004;
/// See [`OUTLIERS`].
pub const OUTLIER_S: f64 = 25.0;
/// See [`OUTLIERS`].
pub const OUTLIER_M: (f64, f64) = (30.0, 150.0);
/// Vehicles keep to the right of the line that is drawn, metres.
pub const LANE_M: f64 = 4.0;
/// Mean seconds between dropouts, their median length and the spread of its logarithm. `hsl-hfp`: gaps of
/// 67, 137, 438 and 1 500 s in 1 475 intervals of 1 s; `wmata-avl` (avltest.csv): 4.6 % of the intervals
/// over 120 s where 40 s is the median, 217 s at 99 %.
pub const DROPOUT_EVERY_S: f64 = 7_200.0;
/// See [`DROPOUT_EVERY_S`].
pub const DROPOUT_S: (f64, f64) = (150.0, 0.8);
/// Share of the dropouts whose fixes are kept in the tracker and come late, all at once (our assumption).
pub const DROPOUT_KEPT: f64 = 0.3;
/// Mean seconds from fix to receipt. `hsl-hfp`: median 0.06 s, 99 % under 0.81 s, by good modems; cheap trackers take longer.
pub const LAG_S: f64 = 0.8;
/// Seconds between fixes, with shares: the operators' trackers of the city (10–15 s), HFP (`hsl-hfp`: 1 s), older ones
/// (`wmata-avl`: 32–40 s).
pub const PERIODS: [(f64, f64); 5] = [(0.35, 10.0), (0.35, 15.0), (0.1, 12.0), (0.06, 2.0), (0.14, 30.0)];
/// Trackers that stay on at the depot, and the seconds between their fixes there (our assumption).
pub const ON_AT_DEPOT: f64 = 0.6;
/// See [`ON_AT_DEPOT`].
pub const DEPOT_PERIOD_S: f64 = 60.0;
/// Vehicles more than the service needs: a tenth to a fifth is usual (FTA Circular 9030: at most 20 % spares).
pub const SPARES: f64 = 0.1;

// What trackers say (the city's own say the route at most; the other shares are our assumption).

/// Nothing.
pub const CLAIM_NOTHING: f64 = 0.08;
/// Route, and the trip.
pub const CLAIM_TRIP: f64 = 0.12;
/// Route, direction and start of the trip.
pub const CLAIM_START: f64 = 0.05;
/// A route that is not theirs today.
pub const CLAIM_WRONG_ROUTE: f64 = 0.02;
/// Trips on which those that say the trip still say the last one.
pub const STALE_TRIP: f64 = 0.08;
