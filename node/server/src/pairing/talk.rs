//! Reading the frames of a pairing, alike on both sides.

use super::PairRefusal;
use relais_proto::peer::v1::{self as proto, pair_frame::Body};
use relais_wire::pairing::{FrameError, Introduction, IntroductionReader, read_endorsements};
use tonic::Streaming;

/// Why no frame came that could be used.
#[derive(Debug)]
pub(super) enum TalkError {
    /// The other side ended the pairing and said why.
    Refused(PairRefusal),
    /// The other side or the connection is gone.
    Gone(String),
    /// The frame is not the one that is due, or not well formed.
    Frame(FrameError),
}

impl From<FrameError> for TalkError {
    fn from(error: FrameError) -> Self {
        Self::Frame(error)
    }
}

/// The other side's frames.
pub(super) struct Hearing(Streaming<proto::PairFrame>);

impl Hearing {
    pub(super) fn new(frames: Streaming<proto::PairFrame>) -> Self {
        Self(frames)
    }

    /// The next frame.
    pub(super) async fn next(&mut self) -> Result<Body, TalkError> {
        let frame = self.0.message().await.map_err(|status| TalkError::Gone(status.message().to_owned()))?;
        let frame = frame.ok_or_else(|| TalkError::Gone("the other side ended it".to_owned()))?;
        match frame.body.ok_or(FrameError::Shape)? {
            Body::Refused(refused) => Err(TalkError::Refused(PairRefusal::from_proto(&refused))),
            body @ (Body::Open(_)
            | Body::Offer(_)
            | Body::Proof(_)
            | Body::Confirmation(_)
            | Body::Manifests(_)
            | Body::Introduce(_)
            | Body::Endorsements(_)) => Ok(body),
        }
    }

    /// The rest of an introduction whose first frame was read.
    pub(super) async fn finish(&mut self, mut reader: IntroductionReader) -> Result<Introduction, TalkError> {
        while !reader.is_complete() {
            let Body::Manifests(further) = self.next().await? else { return Err(FrameError::Shape.into()) };
            reader.push(further)?;
        }
        Ok(reader.finish()?)
    }

    /// The signed bytes of what others say for the other side.
    pub(super) async fn endorsements(&mut self) -> Result<Vec<Vec<u8>>, TalkError> {
        let Body::Endorsements(shown) = self.next().await? else { return Err(FrameError::Shape.into()) };
        Ok(read_endorsements(shown)?)
    }

    /// A proof, as it came.
    pub(super) async fn proof(&mut self) -> Result<proto::PairProof, TalkError> {
        let Body::Proof(proof) = self.next().await? else { return Err(FrameError::Shape.into()) };
        Ok(proof)
    }
}
