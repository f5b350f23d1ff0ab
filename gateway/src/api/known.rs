//! The messages that the JSON API asks and answers with, and what of them stands elsewhere than in the JSON.

use super::schema::{Schema, Shape};
use prost::Message;
use relais_proto::desk::v1 as desk;

/// A message that is written as JSON.
pub(super) trait Known: Message + Default {
    /// Its full name in the protocol.
    const NAME: &'static str;
    /// Fields that are no members: they stand in the address or a header, or mean nothing here.
    const ASIDE: &'static [&'static str];

    /// What it looks like.
    fn shape() -> &'static Shape {
        Schema::get().shape(Self::NAME).expect("a test finds every known message in the descriptors")
    }
}

macro_rules! known {
    ($($name:ident $([$($aside:literal),+])?;)+) => {
        $(impl Known for desk::$name {
            const NAME: &'static str = concat!(".relais.desk.v1.", stringify!($name));
            const ASIDE: &'static [&'static str] = &[$($($aside),+)?];
        })+

        /// Every known message: its full name, and its fields that stand elsewhere.
        #[cfg(test)]
        pub(super) const ALL: &[(&str, &[&str])] =
            &[$((<desk::$name as Known>::NAME, <desk::$name as Known>::ASIDE)),+];
    };
}

known! {
    WhoamiResponse ["uid"];
    ListThreadsRequest;
    ListThreadsResponse;
    ThreadView;
    ConsentView;
    FindReferenceRequest;
    ActRequest ["request_id", "thread_id"];
    OpenReferralRequest ["request_id"];
    OpenHandoverRequest ["request_id"];
    ReferralPreview;
    OpenFollowUpRequest ["request_id"];
    ListFollowUpsRequest;
    ListFollowUpsResponse;
    FollowUpView;
    AskInquiryRequest ["request_id"];
    InquiryView;
    ListInquiriesRequest ["theme", "commune"];
    ListInquiriesResponse;
    AnswerInquiryRequest ["peer_id", "inquiry_id"];
    ReceivedInquiryView;
    ShowNoticeRequest ["purpose"];
    NoticeView;
    ListServicesRequest;
    ListServicesResponse;
    ImportServicesResponse;
    SetCapacityRequest ["service_id"];
    SetWalkInRequest ["service_id"];
    WithdrawServiceRequest ["service_id"];
    WithdrawnService;
    ServiceView;
    FindServicesRequest;
    FindServicesResponse;
    FindCommunesRequest;
    FindCommunesResponse;
    FlowsRequest;
    FlowsResponse;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_known_message_is_in_the_descriptors_with_the_fields_that_stand_aside() {
        for (name, aside) in ALL {
            let shape = Schema::get().shape(name).unwrap_or_else(|| panic!("{name}"));
            for field in *aside {
                assert!(shape.fields.iter().any(|one| one.name == *field), "{name}.{field}");
            }
        }
    }
}
