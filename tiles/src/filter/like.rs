//! Patterns: `%` is any text, `_` any character, `\` takes the next one as it is
//! (OGC 21-065r2, 7.1.1).

#[derive(Debug, Clone, PartialEq)]
enum Step {
    Exactly(char),
    Any,
    AnyText,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Pattern(Vec<Step>);

impl Pattern {
    /// Most characters of a pattern.
    pub(crate) const MAX_CHARS: usize = 1_000;

    pub(crate) fn of(text: &str) -> Self {
        let mut steps = Vec::new();
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            let step = match c {
                '%' => Step::AnyText,
                '_' => Step::Any,
                '\\' => Step::Exactly(chars.next().unwrap_or('\\')),
                other => Step::Exactly(other),
            };
            if step != Step::AnyText || steps.last() != Some(&Step::AnyText) {
                steps.push(step);
            }
        }
        Self(steps)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether the whole text fits. Goes back to the last `%` only, so it takes at most
    /// the length of the text times that of the pattern.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let (mut rest, mut step) = (text, 0);
        let mut last_any: Option<(usize, &str)> = None;
        loop {
            let first = rest.chars().next();
            match (self.0.get(step), first) {
                (Some(Step::AnyText), _) => {
                    step += 1;
                    last_any = Some((step, rest));
                    continue;
                }
                (Some(Step::Any), Some(c)) => {
                    (rest, step) = (&rest[c.len_utf8()..], step + 1);
                    continue;
                }
                (Some(Step::Exactly(wanted)), Some(c)) if *wanted == c => {
                    (rest, step) = (&rest[c.len_utf8()..], step + 1);
                    continue;
                }
                (None, None) => return true,
                _ => {}
            }
            // The last `%` takes one character more.
            let Some((after, from)) = last_any else { return false };
            let Some(c) = from.chars().next() else { return false };
            let from = &from[c.len_utf8()..];
            last_any = Some((after, from));
            (rest, step) = (from, after);
        }
    }
}
