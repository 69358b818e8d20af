//! How long a link takes: by the hour always, by the day for all, by the minute for a street.

use super::noise;
use super::random::Random;
use super::streets::Streets;

/// Seconds between two values of the congestion; between them it goes straight.
const STEP_S: f64 = 300.0;
/// A service day goes from 3:30 to 27:30.
pub const DAY_BEGIN_S: f64 = 12_600.0;
pub const DAY_END_S: f64 = 99_000.0;
/// Height of the morning and of the afternoon peak, and their width.
const PEAKS_S: [(f64, f64); 2] = [(29_700.0, 4_200.0), (63_000.0, 5_400.0)];

/// What timetables and traffic distinguish.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum DayType {
    Workday,
    Saturday,
    Sunday,
}

impl DayType {
    pub const ALL: [Self; 3] = [Self::Workday, Self::Saturday, Self::Sunday];

    pub fn service(self) -> &'static str {
        match self {
            Self::Workday => "workday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }

    /// Part of the workday's peaks.
    fn peak(self) -> f64 {
        match self {
            Self::Workday => 1.0,
            Self::Saturday => 0.4,
            Self::Sunday => 0.2,
        }
    }
}

/// How much of the morning and the afternoon peak there is, 0 to 1.
pub fn peaks(day: DayType, at_s: f64) -> [f64; 2] {
    PEAKS_S.map(|(height_s, width_s)| day.peak() * (-0.5 * ((at_s - height_s) / width_s).powi(2)).exp())
}

/// Boardings of an hour against those of the busiest hour.
pub fn demand(day: DayType, at_s: f64) -> f64 {
    let [morning, afternoon] = peaks(day, at_s);
    let midday = (-0.5 * ((at_s - 46_800.0) / 14_000.0).powi(2)).exp();
    (0.08 + 0.45 * midday + 0.5 * morning.max(afternoon)).min(1.0)
}

/// Mean factor of a link's free time.
pub fn mean_factor(streets: &Streets, link: usize, day: DayType, at_s: f64) -> f64 {
    let [morning, afternoon] = peaks(day, at_s);
    let midday = 0.12 * (-0.5 * ((at_s - 46_800.0) / 14_000.0).powi(2)).exp();
    let peak = streets.links[link].peak;
    1.0 + midday + peak[0] * morning + peak[1] * afternoon
}

struct Incident {
    link: usize,
    from_s: f64,
    to_s: f64,
    factor: f64,
}

/// The traffic of one day.
pub struct Traffic {
    day: DayType,
    whole_day: f64,
    steps: usize,
    /// Standard normal, by link and step.
    congestion: Vec<f32>,
    incidents: Vec<Incident>,
}

impl Traffic {
    pub fn new(streets: &Streets, day: DayType, random: &mut Random) -> Self {
        let steps = ((DAY_END_S - DAY_BEGIN_S) / STEP_S) as usize + 14;
        let street_count = streets.links.iter().map(|link| link.street + 1).max().unwrap_or(0);
        let of_streets: Vec<Vec<f64>> = (0..street_count).map(|_| wander(steps, random)).collect();
        let (shared, own) = (noise::CONGESTION_STREET_SHARE.sqrt(), (1.0 - noise::CONGESTION_STREET_SHARE).sqrt());
        let mut congestion = Vec::with_capacity(streets.links.len() * steps);
        for link in &streets.links {
            let alone = wander(steps, random);
            let street = &of_streets[link.street];
            congestion.extend(alone.iter().zip(street).map(|(a, s)| (own * a + shared * s) as f32));
        }
        let expected = noise::INCIDENTS_PER_100_LINKS * streets.links.len() as f64 / 100.0;
        let incidents = (0..random.poisson(expected) as usize).map(|_| incident(streets, random)).collect();
        let whole_day = (noise::DAY_SIGMA * random.normal()).exp();
        Self { day, whole_day, steps, congestion, incidents }
    }

    /// Seconds for a metre of a link at a moment, lights apart.
    pub fn seconds_per_metre(&self, streets: &Streets, link: usize, at_s: f64) -> f64 {
        let mean = mean_factor(streets, link, self.day, at_s);
        let [morning, afternoon] = peaks(self.day, at_s);
        let sigma = noise::CONGESTION_SIGMA + noise::CONGESTION_PEAK_SIGMA * morning.max(afternoon);
        let around = (sigma * self.congestion(link, at_s) - 0.5 * sigma * sigma).exp();
        let happens = |i: &&Incident| i.link == link && (i.from_s..i.to_s).contains(&at_s);
        let incident = self.incidents.iter().find(happens).map_or(1.0, |incident| incident.factor);
        mean * self.whole_day * around * incident / streets.links[link].free_m_s
    }

    fn congestion(&self, link: usize, at_s: f64) -> f64 {
        let step = ((at_s - DAY_BEGIN_S) / STEP_S).clamp(0.0, (self.steps - 2) as f64);
        let (before, part) = (step as usize, step.fract());
        let row = &self.congestion[link * self.steps..(link + 1) * self.steps];
        f64::from(row[before]) * (1.0 - part) + f64::from(row[before + 1]) * part
    }
}

/// Wanders around 0 with spread 1 and the memory of congestion (Ornstein, Uhlenbeck).
fn wander(steps: usize, random: &mut Random) -> Vec<f64> {
    let kept = (-STEP_S / noise::CONGESTION_MEMORY_S).exp();
    let fresh = (1.0 - kept * kept).sqrt();
    let mut value = random.normal();
    (0..steps)
        .map(|_| {
            value = kept * value + fresh * random.normal();
            value
        })
        .collect()
}

fn incident(streets: &Streets, random: &mut Random) -> Incident {
    let from_s = random.between((DAY_BEGIN_S + 7_200.0, DAY_END_S - 14_400.0));
    let to_s = from_s + random.lognormal(noise::INCIDENT_S);
    Incident { link: random.below(streets.links.len()), from_s, to_s, factor: random.between(noise::INCIDENT_FACTOR) }
}
