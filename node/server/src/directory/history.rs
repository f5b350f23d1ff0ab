//! How each partner has answered this structure: reckoned from its own threads, told to nobody.

use super::{Directory, DirectoryError};
use relais_domain::directory::History;
use relais_domain::event::{Counts, EventKind, Side, ThreadKind};
use relais_domain::fold::Label;
use relais_domain::structure_id::StructureId;
use relais_domain::time::{Span, Timestamp};
use relais_store::rows::{StoredThread, ThreadRow};
use relais_store::{PAGE_MAX, Page};
use std::collections::BTreeMap;

/// How far back answers are looked at.
const LOOKED_BACK: Span = Span::days(180);
/// Most referrals that are looked at; the latest ones.
const LOOKED_AT_MAX: usize = 2_000;

/// What came of one referral.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Answer {
    /// An answer after so many days.
    After(u32),
    /// None before the deadline.
    None,
}

impl Directory {
    /// How a structure has answered, as last reckoned; `None` when it was never asked.
    pub fn history(&self, structure: StructureId) -> Option<History> {
        self.histories.read().get(&structure).copied()
    }

    /// Reckons anew how every partner has answered.
    ///
    /// # Errors
    /// [`DirectoryError::Store`].
    pub async fn recall(&self) -> Result<(), DirectoryError> {
        let since = self.clock.now().minus(LOOKED_BACK);
        let mut answers: BTreeMap<StructureId, Vec<Answer>> = BTreeMap::new();
        let (mut before, mut looked_at) = (None, 0);
        'pages: loop {
            let rows = self.store.threads(Page { before, limit: PAGE_MAX }).await?;
            let Some(last) = rows.last() else { break };
            before = Some(last.changed_at);
            for row in &rows {
                // What changed last comes first: what follows is older still.
                if row.changed_at < since || looked_at >= LOOKED_AT_MAX {
                    break 'pages;
                }
                if row.kind != ThreadKind::Referral || row.side != Side::Sender {
                    continue;
                }
                looked_at += 1;
                let answer = match self.store.thread(row.id).await? {
                    Some(stored) => answer(row, &stored),
                    None => None,
                };
                answers.entry(row.peer).or_default().extend(answer);
            }
        }
        let histories = answers.into_iter().filter_map(|(peer, answers)| Some((peer, history(&answers)?)));
        *self.histories.write() = histories.collect();
        Ok(())
    }
}

/// What came of a referral; `None` while it still may be answered, and for what needs no answer.
fn answer(row: &ThreadRow, stored: &StoredThread) -> Option<Answer> {
    // A question is no answer: who asks one and then lets the referral expire has left it unanswered.
    let answered = stored.events.iter().filter(|event| {
        let answers = matches!(event.kind, EventKind::Accepted | EventKind::Refused);
        answers && event.side == Side::Receiver && event.counts == Counts::Yes
    });
    match answered.map(|event| event.stored_at).min() {
        Some(at) => Some(Answer::After(days(row.opened_at, at))),
        None if row.label == Some(Label::Expired) => Some(Answer::None),
        None => None,
    }
}

fn days(from: Timestamp, to: Timestamp) -> u32 {
    u32::try_from(to.since(from).0 / Span::days(1).0).unwrap_or(0)
}

fn history(answers: &[Answer]) -> Option<History> {
    let mut after: Vec<u32> = answers
        .iter()
        .filter_map(|answer| match answer {
            Answer::After(days) => Some(*days),
            Answer::None => None,
        })
        .collect();
    after.sort_unstable();
    let asked = u32::try_from(answers.len()).ok().filter(|asked| *asked > 0)?;
    let unanswered = asked.saturating_sub(u32::try_from(after.len()).unwrap_or(asked));
    Some(History { asked, unanswered, median_days: after.get(after.len().saturating_sub(1) / 2).copied() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_the_answers_came_within_the_median() {
        let of = |answers: &[Answer]| history(answers);
        assert_eq!(of(&[]), None);
        let one = History { asked: 1, unanswered: 0, median_days: Some(4) };
        assert_eq!(of(&[Answer::After(4)]), Some(one));
        let some = [Answer::After(9), Answer::None, Answer::After(1), Answer::After(2), Answer::After(3)];
        assert_eq!(of(&some), Some(History { asked: 5, unanswered: 1, median_days: Some(2) }));
        assert_eq!(of(&[Answer::None; 4]), Some(History { asked: 4, unanswered: 4, median_days: None }));
    }
}
