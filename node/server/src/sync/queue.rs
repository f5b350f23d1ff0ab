//! What waits to be sent on one stream, bounded in number and in bytes: of news about one subject the latest alone waits.

use super::carried::Told;
use crate::directory::{Entry, News};
use relais_domain::digest::Digest;
use relais_domain::directory::RecordKey;
use relais_domain::structure_id::StructureId;
use relais_wire::frame::CarriedManifest;
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

/// Most that wait to be sent on one stream.
pub(super) const QUEUE_MAX: usize = 16_384;
/// Most bytes of news that wait to be sent on one stream.
pub(super) const QUEUE_BYTES_MAX: usize = 4 * 1024 * 1024;

/// What waits to be sent.
pub(super) enum Queued {
    /// A record that is held, unless this stream has brought or been sent it.
    Entry(Entry),
    /// A record that was asked for.
    Asked(Entry),
    /// A record as it came.
    News(Arc<News>),
    /// A manifest that the record behind it needs.
    Manifest(CarriedManifest),
    /// A record that is ready.
    Record(Ready),
}

/// A record that is ready to be sent.
pub(super) struct Ready {
    pub(super) structure: StructureId,
    pub(super) identity: Digest,
    /// How far the manifests go that go before it, if any do.
    pub(super) manifests: Option<Told>,
    pub(super) bytes: Vec<u8>,
}

/// The queue is full.
pub(super) struct QueueFull;

enum Waiting {
    /// The latest news about this.
    Latest(StructureId, RecordKey),
    One(Queued),
}

/// What waits, first in, first out.
#[derive(Default)]
pub(super) struct Queue {
    waiting: VecDeque<Waiting>,
    latest: BTreeMap<(StructureId, RecordKey), Arc<News>>,
    /// Bytes of all news that wait.
    bytes: usize,
}

impl Queue {
    /// Puts something at the end; news in the place of older ones about the same.
    pub(super) fn push(&mut self, queued: Queued) -> Result<(), QueueFull> {
        let Queued::News(news) = queued else { return self.put(Waiting::One(queued)) };
        let subject = (news.structure, news.key.clone());
        let older = self.latest.get(&subject).map(|older| (older.sequence, older.bytes.len()));
        let taken_out = older.filter(|(sequence, _)| *sequence < news.sequence).map(|(_, bytes)| bytes);
        let bytes = self.bytes - taken_out.unwrap_or(0) + news.bytes.len();
        if bytes > QUEUE_BYTES_MAX {
            return Err(QueueFull);
        }
        match (older, taken_out) {
            (Some(_), Some(_)) => {}
            // Two with one sequence: whoever holds the one needs the other as proof.
            (Some(_), None) => {
                self.put(Waiting::One(Queued::News(news)))?;
                self.bytes = bytes;
                return Ok(());
            }
            (None, _) => self.put(Waiting::Latest(subject.0, subject.1.clone()))?,
        }
        self.latest.insert(subject, news);
        self.bytes = bytes;
        Ok(())
    }

    fn put(&mut self, waiting: Waiting) -> Result<(), QueueFull> {
        if self.waiting.len() >= QUEUE_MAX {
            return Err(QueueFull);
        }
        self.waiting.push_back(waiting);
        Ok(())
    }

    /// Puts what is to be sent next before everything else.
    pub(super) fn push_first(&mut self, queued: Queued) {
        self.waiting.push_front(Waiting::One(queued));
    }

    /// Takes out what is to be sent next.
    pub(super) fn pop(&mut self) -> Option<Queued> {
        let queued = match self.waiting.pop_front()? {
            Waiting::Latest(structure, key) => Queued::News(self.latest.remove(&(structure, key))?),
            Waiting::One(queued) => queued,
        };
        if let Queued::News(news) = &queued {
            self.bytes -= news.bytes.len();
        }
        Some(queued)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use relais_domain::directory::Partitions;
    use relais_domain::id::ServiceId;

    fn news(subject: usize, sequence: u64, bytes: usize) -> Queued {
        let key = RecordKey::Service(ServiceId::parse(&format!("s{subject}")).unwrap());
        let structure = StructureId::of_root_spki(b"a");
        let bytes = vec![u8::try_from(sequence).unwrap(); bytes];
        let identity = Digest::of(&bytes);
        let partitions = Partitions::NATIONAL;
        Queued::News(Arc::new(News { structure, key, sequence, identity, partitions, bytes }))
    }

    fn sent(queue: &mut Queue) -> Vec<u64> {
        std::iter::from_fn(|| queue.pop())
            .filter_map(|queued| if let Queued::News(news) = queued { Some(news.sequence) } else { None })
            .collect()
    }

    #[test]
    fn of_news_about_one_subject_the_latest_waits_in_the_place_of_the_first() {
        let mut queue = Queue::default();
        for (subject, sequence) in [(1, 1), (2, 7), (1, 2), (1, 3), (1, 3)] {
            assert!(queue.push(news(subject, sequence, 10)).is_ok());
        }
        assert_eq!(queue.bytes, 30);
        assert_eq!(sent(&mut queue), [3, 7, 3], "and both of two with one sequence");
        assert_eq!((queue.bytes, queue.is_empty()), (0, true));
        assert!(queue.push(news(1, 4, 10)).is_ok() && queue.push(news(1, 5, 20)).is_ok());
        assert_eq!(queue.bytes, 20);
        assert_eq!(sent(&mut queue), [5]);
    }

    #[test]
    fn so_many_wait_and_so_many_bytes() {
        let mut queue = Queue::default();
        let large = QUEUE_BYTES_MAX / 4;
        for subject in 0..4 {
            assert!(queue.push(news(subject, 1, large)).is_ok());
        }
        assert!(queue.push(news(4, 1, 1)).is_err());
        assert!(queue.push(news(3, 2, large)).is_ok(), "in the place of an older one");
        assert!(queue.push(news(3, 3, large + 1)).is_err());
        assert!(queue.push(news(3, 3, large - 1)).is_ok() && queue.push(news(4, 1, 1)).is_ok());
        assert_eq!(queue.bytes, QUEUE_BYTES_MAX);
        queue.clear();
        for subject in 0..QUEUE_MAX {
            assert!(queue.push(news(subject, 1, 1)).is_ok());
        }
        assert!(queue.push(news(QUEUE_MAX, 1, 1)).is_err());
        assert!(queue.push(news(0, 2, 1)).is_ok());
        assert_eq!((sent(&mut queue).len(), queue.bytes), (QUEUE_MAX, 0));
    }
}
