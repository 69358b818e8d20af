//! Streets joined at their intersections: nodes and the edges between them.

use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use crate::plane::{self, Point};
use crate::sketch::streets::Class;

/// The middle of one street.
#[derive(Clone)]
pub struct Line {
    pub name: &'static str,
    pub name_en: &'static str,
    pub class: Class,
    pub points: Vec<Point>,
    /// Drawn by hand, not filled in.
    pub drawn: bool,
}

/// A piece of a street between two nodes.
pub struct Edge {
    /// Index of its line.
    pub line: usize,
    /// Metres from the start of the line.
    pub start_m: f64,
    pub points: Vec<Point>,
    pub from: usize,
    pub to: usize,
}

impl Edge {
    pub fn length_m(&self) -> f64 {
        plane::line_length(&self.points)
    }
}

/// All streets.
pub struct Streets {
    pub lines: Vec<Line>,
    pub nodes: Vec<Point>,
    pub edges: Vec<Edge>,
    /// For each node the edges that end there with the node at their other end.
    pub joined: Vec<Vec<(usize, usize)>>,
}

impl Streets {
    /// Joins the lines: ends are drawn out to the street they run into, crossings become nodes.
    pub fn join(mut lines: Vec<Line>) -> Self {
        draw_out_ends(&mut lines);
        let mut streets = Self::split(lines);
        streets.keep_what_is_connected();
        streets
    }

    fn split(lines: Vec<Line>) -> Self {
        let cuts = cuts(&lines);
        let mut nodes: Vec<Point> = Vec::new();
        let mut known: BTreeMap<(i64, i64), usize> = BTreeMap::new();
        let mut edges = Vec::new();
        let mut node = |p: Point| {
            *known.entry(plane::key(p)).or_insert_with(|| {
                nodes.push(p);
                nodes.len() - 1
            })
        };
        for (index, line) in lines.iter().enumerate() {
            let mut piece = vec![line.points[0]];
            let (mut start, mut walked) = (0.0, 0.0);
            for (segment, w) in line.points.windows(2).enumerate() {
                let mut here: Vec<(f64, Point)> = cuts.get(&(index, segment)).cloned().unwrap_or_default();
                here.sort_by(|a, b| a.0.total_cmp(&b.0));
                for (_, p) in here {
                    if plane::key(p) != plane::key(piece[piece.len() - 1]) {
                        walked += plane::distance(piece[piece.len() - 1], p);
                        piece.push(p);
                    }
                    if piece.len() > 1 {
                        let (from, to) = (node(piece[0]), node(p));
                        edges.push(Edge {
                            line: index,
                            start_m: start,
                            points: std::mem::replace(&mut piece, vec![p]),
                            from,
                            to,
                        });
                        start = walked;
                    }
                }
                if plane::key(w[1]) != plane::key(piece[piece.len() - 1]) {
                    walked += plane::distance(piece[piece.len() - 1], w[1]);
                    piece.push(w[1]);
                }
            }
            if piece.len() > 1 {
                let (from, to) = (node(piece[0]), node(piece[piece.len() - 1]));
                edges.push(Edge { line: index, start_m: start, points: piece, from, to });
            }
        }
        let mut streets = Self { lines, nodes, edges, joined: Vec::new() };
        streets.index();
        streets
    }

    fn index(&mut self) {
        self.joined = vec![Vec::new(); self.nodes.len()];
        for (i, e) in self.edges.iter().enumerate() {
            self.joined[e.from].push((i, e.to));
            self.joined[e.to].push((i, e.from));
        }
    }

    /// Drops overshooting stubs and what hangs on nothing.
    fn keep_what_is_connected(&mut self) {
        let stub =
            |s: &Self, e: &Edge| (s.joined[e.from].len() == 1 || s.joined[e.to].len() == 1) && e.length_m() < 38.0;
        let kept: Vec<bool> = self.edges.iter().map(|e| e.from != e.to && !stub(self, e)).collect();
        self.retain(&kept);
        let mut group = vec![usize::MAX; self.nodes.len()];
        let mut sizes = Vec::new();
        for start in 0..self.nodes.len() {
            if group[start] != usize::MAX {
                continue;
            }
            let (mut stack, mut size) = (vec![start], 0);
            group[start] = sizes.len();
            while let Some(n) = stack.pop() {
                size += 1;
                for &(_, other) in &self.joined[n] {
                    if group[other] == usize::MAX {
                        group[other] = sizes.len();
                        stack.push(other);
                    }
                }
            }
            sizes.push(size);
        }
        let largest = (0..sizes.len()).max_by_key(|&g| sizes[g]).unwrap_or(0);
        let kept: Vec<bool> = self.edges.iter().map(|e| group[e.from] == largest).collect();
        self.retain(&kept);
    }

    fn retain(&mut self, kept: &[bool]) {
        let mut flags = kept.iter();
        self.edges.retain(|_| *flags.next().unwrap_or(&false));
        self.index();
    }

    /// The cheapest way between two nodes as edges with the node each leads to;
    /// `cost` gives metres an edge counts for, infinity where it may not be used.
    pub fn way(&self, from: usize, to: usize, cost: impl Fn(&Edge) -> f64) -> Option<Vec<(usize, usize)>> {
        let reached = self.spread(&[from], cost);
        let mut way = Vec::new();
        let mut here = to;
        while here != from {
            let (edge, before) = reached[here].via?;
            way.push((edge, here));
            here = before;
        }
        way.reverse();
        Some(way)
    }

    /// Distance and way back from every node to the nearest of `sources` (Dijkstra).
    pub fn spread(&self, sources: &[usize], cost: impl Fn(&Edge) -> f64) -> Vec<Reached> {
        let mut reached: Vec<Reached> = vec![Reached { cost: f64::INFINITY, via: None }; self.nodes.len()];
        // Whole centimetres order the queue; ties go to the lower node.
        let mut queue = BinaryHeap::new();
        for &s in sources {
            reached[s].cost = 0.0;
            queue.push((std::cmp::Reverse(0_i64), std::cmp::Reverse(s)));
        }
        while let Some((std::cmp::Reverse(so_far), std::cmp::Reverse(n))) = queue.pop() {
            if so_far > (reached[n].cost * 100.0) as i64 {
                continue;
            }
            for &(edge, other) in &self.joined[n] {
                let total = reached[n].cost + cost(&self.edges[edge]);
                if total + 1e-6 < reached[other].cost {
                    reached[other] = Reached { cost: total, via: Some((edge, n)) };
                    queue.push((std::cmp::Reverse((total * 100.0) as i64), std::cmp::Reverse(other)));
                }
            }
        }
        reached
    }

    /// Node nearest to a place among those where `fits` says so.
    pub fn nearest_node(&self, p: Point, fits: impl Fn(&Edge) -> bool) -> usize {
        let mut best = (0, f64::INFINITY);
        for (n, &q) in self.nodes.iter().enumerate() {
            let d = plane::distance(p, q);
            if d < best.1 && self.joined[n].iter().any(|&(e, _)| fits(&self.edges[e])) {
                best = (n, d);
            }
        }
        best.0
    }

    pub fn class(&self, edge: &Edge) -> Class {
        self.lines[edge.line].class
    }

    pub fn name(&self, edge: &Edge) -> &'static str {
        self.lines[edge.line].name
    }
}

/// What a search found about a node.
#[derive(Clone)]
pub struct Reached {
    pub cost: f64,
    /// The edge it was reached by and the node before.
    pub via: Option<(usize, usize)>,
}

/// Squares of the board with the segments that touch them.
pub struct Grid {
    cells: BTreeMap<(i64, i64), Vec<(usize, usize)>>,
}

const CELL_M: f64 = 80.0;

impl Grid {
    pub fn of<'a>(lines: impl Iterator<Item = &'a [Point]>) -> Self {
        let mut cells: BTreeMap<(i64, i64), Vec<(usize, usize)>> = BTreeMap::new();
        for (i, points) in lines.enumerate() {
            for (segment, w) in points.windows(2).enumerate() {
                for cell in cells_of(w[0], w[1]) {
                    cells.entry(cell).or_default().push((i, segment));
                }
            }
        }
        Self { cells }
    }

    /// Line and segment numbers near the box around `a` and `b`, each once, in order.
    pub fn near(&self, a: Point, b: Point) -> BTreeSet<(usize, usize)> {
        cells_of(a, b).into_iter().filter_map(|cell| self.cells.get(&cell)).flatten().copied().collect()
    }
}

fn cells_of(a: Point, b: Point) -> Vec<(i64, i64)> {
    let cell = |v: f64| (v / CELL_M).floor() as i64;
    let mut out = Vec::new();
    for x in cell(a.x.min(b.x))..=cell(a.x.max(b.x)) {
        for y in cell(a.y.min(b.y))..=cell(a.y.max(b.y)) {
            out.push((x, y));
        }
    }
    out
}

/// Draws each end out to the street it points at. Streets filled in join streets laid before them.
fn draw_out_ends(lines: &mut [Line]) {
    let all: Vec<Vec<Point>> = lines.iter().map(|l| l.points.clone()).collect();
    let grid = Grid::of(all.iter().map(Vec::as_slice));
    for i in 0..lines.len() {
        for at_start in [true, false] {
            let points = &lines[i].points;
            let n = points.len();
            let (end, before) = if at_start { (points[0], points[1]) } else { (points[n - 1], points[n - 2]) };
            let reach = if lines[i].drawn { 45.0 } else { 42.0 };
            let ahead = end + plane::unit(end - before) * reach;
            let around = Point { x: reach, y: reach };
            let mut hit: Option<(f64, Point)> = None;
            let mut close: Option<(f64, Point)> = None;
            for (j, segment) in grid.near(end - around, end + around) {
                let allowed = if lines[i].drawn { j != i && lines[j].drawn } else { j < i };
                if !allowed {
                    continue;
                }
                let (a, b) = (all[j][segment], all[j][segment + 1]);
                if let Some((share, _)) = plane::crossing((end, ahead), (a, b))
                    && hit.is_none_or(|h| share < h.0)
                {
                    hit = Some((share, plane::along(end, ahead, share)));
                }
                let (share, d) = plane::nearest_on(end, a, b);
                if close.is_none_or(|c| d < c.0) {
                    close = Some((d, plane::along(a, b, share)));
                }
            }
            let target = match (close, hit) {
                (Some((d, p)), _) if d < 3.0 => p,
                (_, Some((_, p))) => p,
                (Some((d, p)), None) if d < 26.0 => p,
                _ => continue,
            };
            let target = plane::snap(target);
            if plane::key(target) == plane::key(end) {
                continue;
            }
            let points = &mut lines[i].points;
            let near = plane::distance(target, end) < 3.0;
            match (at_start, near) {
                (true, true) => points[0] = target,
                (false, true) => points[n - 1] = target,
                (true, false) => points.insert(0, target),
                (false, false) => points.push(target),
            }
        }
    }
}

type Cuts = BTreeMap<(usize, usize), Vec<(f64, Point)>>;

/// Where each segment meets another line.
fn cuts(lines: &[Line]) -> Cuts {
    let grid = Grid::of(lines.iter().map(|l| l.points.as_slice()));
    let mut cuts = Cuts::new();
    for (i, line) in lines.iter().enumerate() {
        for (segment, w) in line.points.windows(2).enumerate() {
            for (j, other) in grid.near(w[0], w[1]) {
                if j <= i {
                    continue;
                }
                let v = (lines[j].points[other], lines[j].points[other + 1]);
                meet(&mut cuts, (i, segment), (w[0], w[1]), (j, other), v);
            }
        }
    }
    cuts
}

fn meet(cuts: &mut Cuts, i: (usize, usize), a: (Point, Point), j: (usize, usize), b: (Point, Point)) {
    const TOUCH_M: f64 = 0.03;
    // An end that touches the other segment is the node; a crossing gets a place of its own.
    let mut touched = false;
    for end in [a.0, a.1] {
        let (share, d) = plane::nearest_on(end, b.0, b.1);
        if d < TOUCH_M {
            cuts.entry(j).or_default().push((share, end));
            cuts.entry(i).or_default().push((if end == a.0 { 0.0 } else { 1.0 }, end));
            touched = true;
        }
    }
    for end in [b.0, b.1] {
        let (share, d) = plane::nearest_on(end, a.0, a.1);
        if d < TOUCH_M {
            cuts.entry(i).or_default().push((share, end));
            cuts.entry(j).or_default().push((if end == b.0 { 0.0 } else { 1.0 }, end));
            touched = true;
        }
    }
    if !touched && let Some((s, t)) = plane::crossing(a, b) {
        let p = plane::snap(plane::along(a.0, a.1, s));
        cuts.entry(i).or_default().push((s, p));
        cuts.entry(j).or_default().push((t, p));
    }
}
