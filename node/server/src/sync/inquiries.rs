//! Inquiries on a stream: what the other side has not been told on it, and what it says.
//!
//! Nothing is acknowledged: whatever is open is told once on each stream, and whoever has it already does nothing.

use super::outgoing::Outgoing;
use super::stream::Ended;
use super::{Passes, SyncContext};
use crate::inquiries::InquiryError;
use relais_domain::id::InquiryId;
use relais_domain::structure_id::StructureId;
use relais_domain::time::Timestamp;
use relais_proto::peer::v1 as proto;
use relais_proto::peer::v1::sync_frame::Body;
use relais_wire::frame::{SyncFeature, SyncFrame, SyncHello};
use std::collections::{BTreeMap, BTreeSet};

/// Whether the other side knows what inquiries are.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Knows {
    Yes,
    No,
}

/// What was said of inquiries on one stream.
pub(super) struct Talk<'a> {
    context: &'a SyncContext,
    peer: StructureId,
    knows: Knows,
    asked: BTreeSet<InquiryId>,
    answered: BTreeMap<InquiryId, Timestamp>,
}

/// Whether a frame is one of inquiries.
pub(super) fn concerns(frame: &proto::SyncFrame) -> bool {
    matches!(frame.body, Some(Body::Inquiry(_) | Body::InquiryAnswer(_)))
}

impl<'a> Talk<'a> {
    pub(super) fn new(context: &'a SyncContext, peer: StructureId) -> Self {
        Self { context, peer, knows: Knows::No, asked: BTreeSet::new(), answered: BTreeMap::new() }
    }

    /// Notes what the other side knows.
    pub(super) fn greet(&mut self, hello: &SyncHello) {
        let knows = hello.features.contains(&SyncFeature::Inquiry);
        self.knows = if knows { Knows::Yes } else { Knows::No };
    }

    fn passes(&self) -> bool {
        self.knows == Knows::Yes && self.context.passes(self.peer) == Passes::All
    }

    /// Sends what the other side has not been told on this stream.
    pub(super) async fn send(&mut self, outgoing: &Outgoing<'_>) -> Result<(), Ended> {
        if !self.passes() {
            return Ok(());
        }
        let inquiries = self.context.inquiries.to_ask(self.peer);
        self.asked.retain(|id| inquiries.iter().any(|inquiry| inquiry.id == *id));
        let mut sent = Vec::new();
        for inquiry in inquiries {
            if self.asked.insert(inquiry.id) {
                sent.push(inquiry.id);
                outgoing.send(SyncFrame::Inquiry(Box::new(inquiry))).await?;
            }
        }
        let answers = self.context.inquiries.to_answer(self.peer);
        self.answered.retain(|id, _| answers.iter().any(|answer| answer.inquiry == *id));
        for answer in answers {
            let at = answer.answer.answered_at;
            if self.answered.insert(answer.inquiry, at) != Some(at) {
                outgoing.send(SyncFrame::InquiryAnswer(Box::new(answer))).await?;
            }
        }
        self.context.inquiries.sent(self.peer, &sent).await.map_err(|error| of(&error))
    }

    /// Takes in a frame of inquiries. One that cannot be read is counted and passed over: a later version may say what
    /// this one does not know, and everything else goes on.
    pub(super) async fn take(&self, frame: proto::SyncFrame) -> Result<(), Ended> {
        if !self.passes() {
            return Ok(());
        }
        let inquiries = &self.context.inquiries;
        let taken = match SyncFrame::from_proto(frame) {
            Ok(SyncFrame::Inquiry(inquiry)) => inquiries.take(self.peer, *inquiry).await,
            Ok(SyncFrame::InquiryAnswer(answer)) => inquiries.hear(self.peer, *answer).await,
            Ok(_) | Err(_) => {
                inquiries.refuse_unreadable(self.peer).await;
                Ok(())
            }
        };
        taken.map_err(|error| of(&error))
    }
}

fn of(error: &InquiryError) -> Ended {
    tracing::warn!(%error, "Inquiries could not be kept");
    Ended("the store could not")
}
