//! How many costly questions of the public are answered at once.
//!
//! A filter may look at every feature of a city for seconds. Whoever asks many of them at a
//! time waits for himself and not for the buses: the public's questions have half of the
//! processors, a short queue, and then 503. Staff do not wait behind the public.

use std::time::Duration;

use misto_model::Audience;
use tokio::sync::{Semaphore, SemaphorePermit};

use crate::problem::Problem;

/// How long a question of the public waits for its turn.
const PATIENCE: Duration = Duration::from_secs(5);
/// How many wait for each that is answered.
const QUEUE: usize = 16;

/// The turns of costly questions.
#[derive(Debug)]
pub struct Costly {
    answered: Semaphore,
    waiting: Semaphore,
    patience: Duration,
}

impl Default for Costly {
    fn default() -> Self {
        let processors = std::thread::available_parallelism().map_or(1, usize::from);
        Self::at_once((processors / 2).max(1), PATIENCE)
    }
}

/// A turn; it ends when this is dropped.
#[derive(Debug)]
#[must_use]
pub struct Turn<'a>(#[expect(dead_code, reason = "held, not read")] Option<SemaphorePermit<'a>>);

impl Costly {
    fn at_once(count: usize, patience: Duration) -> Self {
        Self { answered: Semaphore::new(count), waiting: Semaphore::new(count * QUEUE), patience }
    }

    /// Waits for a turn; staff have theirs at once.
    ///
    /// # Errors
    /// 503 when too many wait already, or after five seconds.
    pub async fn turn(&self, audience: Audience) -> Result<Turn<'_>, Problem> {
        if audience == Audience::Staff {
            return Ok(Turn(None));
        }
        if let Ok(turn) = self.answered.try_acquire() {
            return Ok(Turn(Some(turn)));
        }
        let busy = || Problem::unavailable("many costly questions are being answered; ask again soon");
        let _place = self.waiting.try_acquire().map_err(|_| busy())?;
        match tokio::time::timeout(self.patience, self.answered.acquire()).await {
            Ok(Ok(turn)) => Ok(Turn(Some(turn))),
            _ => Err(busy()),
        }
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    #[tokio::test]
    async fn the_public_waits_in_a_short_queue_and_staff_do_not() {
        let costly = Costly::at_once(1, Duration::from_millis(50));
        let first = costly.turn(Audience::Public).await.unwrap();
        let _staff = costly.turn(Audience::Staff).await.unwrap();
        let waiting: Vec<_> = (0..QUEUE).map(|_| costly.turn(Audience::Public)).collect();
        let mut waiting: Vec<_> = waiting.into_iter().map(Box::pin).collect();
        for one in &mut waiting {
            assert!(one.now_or_never().is_none());
        }
        assert_eq!(costly.turn(Audience::Public).await.unwrap_err().status, 503, "the queue is full");
        drop(first);
        let second = waiting.remove(0).await.unwrap();
        for one in waiting {
            assert_eq!(one.await.unwrap_err().status, 503, "after a while");
        }
        drop(second);
        let _third = costly.turn(Audience::Public).await.unwrap();
    }
}
