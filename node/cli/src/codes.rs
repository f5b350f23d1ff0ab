//! The words of closed lists, as typed, printed and written in files.

use clap::builder::{PossibleValue, TypedValueParser};
use clap::error::ErrorKind;
use clap::{Arg, Command, Error};
use relais_domain::class::DataClass;
use relais_domain::consent::{GivenHow, Interpreter, LegalBasis, Presence, Purpose, Standing, TeachBack};
use relais_domain::content::{
    Caution, Connection, Constraint, ContentPart, Equipment, FeedbackLevel, KeptBasis, Outcome, Question,
    Reach, Reason, Reply, Statement, Urgency, YesNo,
};
use relais_domain::decide::{Attention, DueKind, Owner};
use relais_domain::event::{EventKind, Side, ThreadKind};
use relais_domain::fold::{Label, Step};
use relais_domain::inquiry::AnswerKind;
use relais_domain::territory::Level as TerritoryLevel;
use relais_proto::desk::v1::{
    DirectoryCompared, DirectoryStanding, Disclosure, Effect, EndorsementStanding, FollowUpStanding,
    IntroductionSide, IntroductionStanding, IntroductionTrouble, InvitationStanding, LedgerCheck, LinkState,
    PairingState, Possible, Role, Settlement, Signing,
};
use relais_proto::peer::v1::{PeerChangeReason, PeerTrust, Stage};
use relais_wire::manifest::StructureKind;
use serde_json::Value;
use std::ffi::OsStr;

/// A closed list: each code has a number on the wire and a word.
pub(crate) trait Code: Copy + Send + Sync + 'static {
    /// Every code, in the order of the wire.
    fn list() -> Vec<Self>;
    /// Its number on the wire, never 0.
    fn wire(self) -> i32;
    /// Its word.
    fn word(self) -> String;
}

macro_rules! of_the_domain {
    ($($name:ty),+ $(,)?) => {$(
        impl Code for $name {
            fn list() -> Vec<Self> {
                Self::ALL.to_vec()
            }

            fn wire(self) -> i32 {
                i32::try_from(self.number()).unwrap_or(0)
            }

            fn word(self) -> String {
                self.as_str().to_owned()
            }
        }
    )+};
}

of_the_domain!(
    AnswerKind,
    Attention,
    Caution,
    Connection,
    Constraint,
    ContentPart,
    DataClass,
    DueKind,
    Equipment,
    EventKind,
    FeedbackLevel,
    GivenHow,
    Interpreter,
    KeptBasis,
    Label,
    LegalBasis,
    Outcome,
    Owner,
    Presence,
    Purpose,
    Question,
    Reach,
    Reason,
    Reply,
    Side,
    Standing,
    Statement,
    Step,
    TeachBack,
    ThreadKind,
    Urgency,
    YesNo,
);

/// Numbers tried when the codes of a protobuf list are collected.
const WIRE_NUMBERS_MAX: i32 = 127;

macro_rules! of_the_wire {
    ($($name:ty, $prefix:literal);+ $(;)?) => {$(
        impl Code for $name {
            fn list() -> Vec<Self> {
                (1..=WIRE_NUMBERS_MAX).filter_map(|number| Self::try_from(number).ok()).collect()
            }

            fn wire(self) -> i32 {
                self.into()
            }

            fn word(self) -> String {
                let name = self.as_str_name();
                name.strip_prefix($prefix).unwrap_or(name).to_lowercase()
            }
        }
    )+};
}

of_the_wire!(
    DirectoryCompared, "DIRECTORY_COMPARED_";
    DirectoryStanding, "DIRECTORY_STANDING_";
    Disclosure, "DISCLOSURE_";
    Effect, "EFFECT_";
    EndorsementStanding, "ENDORSEMENT_STANDING_";
    FollowUpStanding, "FOLLOW_UP_STANDING_";
    IntroductionSide, "INTRODUCTION_SIDE_";
    IntroductionStanding, "INTRODUCTION_STANDING_";
    IntroductionTrouble, "INTRODUCTION_TROUBLE_";
    InvitationStanding, "INVITATION_STANDING_";
    LedgerCheck, "LEDGER_CHECK_";
    LinkState, "LINK_STATE_";
    PairingState, "PAIRING_STATE_";
    PeerChangeReason, "PEER_CHANGE_REASON_";
    PeerTrust, "PEER_TRUST_";
    Possible, "POSSIBLE_";
    Role, "ROLE_";
    Settlement, "SETTLEMENT_";
    Signing, "SIGNING_";
    Stage, "STAGE_";
);

impl Code for TerritoryLevel {
    fn list() -> Vec<Self> {
        Self::ALL.to_vec()
    }

    fn wire(self) -> i32 {
        match self {
            Self::Commune => 1,
            Self::Epci => 2,
            Self::Departement => 3,
            Self::Region => 4,
            Self::France => 5,
        }
    }

    fn word(self) -> String {
        self.as_str().to_owned()
    }
}

impl Code for StructureKind {
    fn list() -> Vec<Self> {
        Self::ALL.to_vec()
    }

    fn wire(self) -> i32 {
        self.to_proto().into()
    }

    fn word(self) -> String {
        self.code().to_owned()
    }
}

/// The code of a number on the wire.
pub(crate) fn code<T: Code>(number: i32) -> Option<T> {
    T::list().into_iter().find(|code| code.wire() == number)
}

/// The word of a number on the wire: empty for 0, `unknown` for one from a later version.
pub(crate) fn word<T: Code>(number: i32) -> String {
    match code::<T>(number) {
        Some(code) => code.word(),
        None if number == 0 => String::new(),
        None => "unknown".to_owned(),
    }
}

/// The word of a number for scripts: `null` for 0.
pub(crate) fn json<T: Code>(number: i32) -> Value {
    if number == 0 { Value::Null } else { Value::String(word::<T>(number)) }
}

/// The words of numbers, for scripts.
pub(crate) fn json_list<T: Code>(numbers: &[i32]) -> Value {
    numbers.iter().map(|number| json::<T>(*number)).collect()
}

/// The words of numbers, with commas.
pub(crate) fn words<T: Code>(numbers: &[i32]) -> String {
    numbers.iter().map(|number| word::<T>(*number)).collect::<Vec<_>>().join(", ")
}

/// The numbers of codes.
pub(crate) fn numbers<T: Code>(codes: &[T]) -> Vec<i32> {
    codes.iter().map(|code| code.wire()).collect()
}

/// The code of a word; `-` and `_` are the same.
pub(crate) fn parse<T: Code>(text: &str, among: &[T]) -> Option<T> {
    let plain = |word: &str| word.trim().replace('_', "-").to_lowercase();
    among.iter().copied().find(|code| plain(&code.word()) == plain(text))
}

/// The words that may be typed, for an error.
pub(crate) fn choices<T: Code>(among: &[T]) -> String {
    among.iter().map(|code| code.word()).collect::<Vec<_>>().join(", ")
}

/// Reads a word on the command line.
#[derive(Clone, Debug)]
pub(crate) struct Words<T> {
    among: Vec<T>,
}

impl<T: Code> Words<T> {
    /// Any code of the list.
    pub(crate) fn any() -> Self {
        Self { among: T::list() }
    }

    /// One of some codes.
    pub(crate) fn of(among: &[T]) -> Self {
        Self { among: among.to_vec() }
    }
}

impl<T: Code> TypedValueParser for Words<T> {
    type Value = T;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, value: &OsStr) -> Result<T, Error> {
        value.to_str().and_then(|text| parse(text, &self.among)).ok_or_else(|| {
            let name = arg.map(ToString::to_string).unwrap_or_default();
            let said = format!("{name}: not one of {}\n", choices(&self.among));
            Error::raw(ErrorKind::InvalidValue, said).with_cmd(command)
        })
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.among.iter().map(|code| PossibleValue::new(leak(code.word())))))
    }
}

/// clap keeps the words of its help for the life of the program.
fn leak(word: String) -> &'static str {
    Box::leak(word.into_boxed_str())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    fn whole<T: Code>() {
        let list = T::list();
        let words: BTreeSet<String> = list.iter().map(|code| code.word().replace('_', "-")).collect();
        assert_eq!(words.len(), list.len(), "a word stands for two codes: {words:?}");
        assert!(!list.is_empty() && list.iter().all(|code| code.wire() > 0));
        for code in &list {
            assert_eq!(parse(&code.word(), &list).map(Code::wire), Some(code.wire()));
            assert_eq!(super::code::<T>(code.wire()).map(Code::wire), Some(code.wire()));
        }
    }

    #[test]
    fn every_word_comes_back() {
        whole::<Reason>();
        whole::<DataClass>();
        whole::<Attention>();
        whole::<Role>();
        whole::<PeerChangeReason>();
        whole::<StructureKind>();
        whole::<TerritoryLevel>();
        whole::<Stage>();
    }

    #[test]
    fn words_may_be_typed_with_either_dash() {
        assert_eq!(parse("need-met", Outcome::ALL), Some(Outcome::NeedMet));
        assert_eq!(parse(" REGISTERED_JOBSEEKER", Statement::ALL), Some(Statement::RegisteredJobseeker));
        assert_eq!(parse("met", Outcome::ALL), None);
        assert_eq!(parse("stopped", Reason::REFUSALS), None);
    }

    #[test]
    fn numbers_of_the_desk_are_those_of_the_domain() {
        use relais_proto::desk::v1 as desk;
        let same = |proto: &str, domain: &str| assert_eq!(proto.to_lowercase(), domain.replace('-', "_"));
        for code in Attention::list() {
            let name = desk::Attention::try_from(code.wire()).expect("the desk knows it").as_str_name();
            same(name.trim_start_matches("ATTENTION_"), code.as_str());
        }
        for code in DueKind::list() {
            let name = desk::DueKind::try_from(code.wire()).expect("the desk knows it").as_str_name();
            same(name.trim_start_matches("DUE_KIND_"), code.as_str());
        }
        for code in Label::list() {
            let name = desk::Label::try_from(code.wire()).expect("the desk knows it").as_str_name();
            same(name.trim_start_matches("LABEL_"), code.as_str());
        }
        for code in Step::list() {
            let name = desk::Step::try_from(code.wire()).expect("the desk knows it").as_str_name();
            same(name.trim_start_matches("STEP_"), code.as_str());
        }
        for code in Standing::list() {
            let name = desk::ConsentStanding::try_from(code.wire()).expect("the desk knows it").as_str_name();
            same(name.trim_start_matches("CONSENT_STANDING_"), code.as_str());
        }
        for code in TerritoryLevel::list() {
            let name = desk::TerritoryLevel::try_from(code.wire()).expect("the desk knows it").as_str_name();
            same(name.trim_start_matches("TERRITORY_LEVEL_"), code.as_str());
        }
    }
}
