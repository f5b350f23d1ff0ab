//! The flags of `refer` and `handover propose`. Name, contact and note have none: other users of the machine can see
//! arguments.

use super::{Draft, Kind};
use crate::codes::Words;
use crate::exit::Failure;
use crate::input::read_text;
use crate::when::When;
use clap::Args;
use relais_domain::class::DataClass;
use relais_domain::consent::{GivenHow, Interpreter, Presence, TeachBack};
use relais_domain::content::{Connection, Constraint, Equipment, FeedbackLevel, Statement, Urgency, YesNo};
use relais_proto::desk::v1::Signing;
use relais_proto::peer::v1::Stage;
use std::path::PathBuf;

/// What is asked, of whom, under which agreement.
#[derive(Args, Clone, Debug)]
pub(crate) struct Flags {
    /// Read everything from a JSON file; `-` for standard input. Flags go over it
    #[arg(long, value_name = "FILE")]
    pub(crate) file: Option<PathBuf>,
    /// Read name, contact and note from a JSON file; `-` for standard input
    #[arg(long, value_name = "FILE")]
    pub(crate) person: Option<PathBuf>,
    /// The partner: name, id, or the beginning of one
    #[arg(long, value_name = "PARTNER")]
    pub(crate) to: Option<String>,
    /// The service, as `relais find` shows it
    #[arg(long, value_name = "ID")]
    pub(crate) service: Option<String>,
    #[command(flatten)]
    need: NeedFlags,
    #[command(flatten)]
    level: LevelFlags,
    #[command(flatten)]
    consent: ConsentFlags,
    /// The follow-up it belongs to: the first digits of its id
    #[arg(long, value_name = "FOLLOW-UP")]
    pub(crate) follow_up: Option<String>,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "The need")]
struct NeedFlags {
    /// A need, as data·inclusion code; may be given several times
    #[arg(long = "theme", value_name = "THEME")]
    themes: Vec<String>,
    /// Where the person lives: code of the commune
    #[arg(long, value_name = "CODE")]
    commune: Option<String>,
    /// How soon
    #[arg(long, value_parser = Words::<Urgency>::any())]
    urgency: Option<Urgency>,
    /// A practical constraint; may be given several times
    #[arg(long = "constraint", value_parser = Words::<Constraint>::any())]
    constraints: Vec<Constraint>,
    /// A statement that holds; may be given several times
    #[arg(long = "stating", value_parser = Words::<Statement>::any())]
    stating: Vec<Statement>,
    /// A statement that does not hold; may be given several times
    #[arg(long = "denying", value_parser = Words::<Statement>::any())]
    denying: Vec<Statement>,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "The person's level")]
struct LevelFlags {
    /// Digital autonomy, 1 (none) to 5 (full)
    #[arg(long, value_name = "1-5")]
    digital_autonomy: Option<u32>,
    /// What the person can use; may be given several times
    #[arg(long, value_parser = Words::<Equipment>::any())]
    equipment: Vec<Equipment>,
    /// What connection the person can afford
    #[arg(long, value_parser = Words::<Connection>::any())]
    connection: Option<Connection>,
    /// Spoken French, 1 to 5
    #[arg(long, value_name = "1-5")]
    french_spoken: Option<u32>,
    /// Read French, 1 to 5
    #[arg(long, value_name = "1-5")]
    french_read: Option<u32>,
    /// A language the person speaks, like ar; may be given several times
    #[arg(long = "speaks", value_name = "LANGUAGE")]
    speaks: Vec<String>,
}

#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "What the person agreed to")]
struct ConsentFlags {
    /// A class of data the person agreed to tell; give each one
    #[arg(long = "class", value_parser = Words::<DataClass>::any())]
    classes: Vec<DataClass>,
    /// How much may be told back (least when left out)
    #[arg(long, value_parser = Words::<FeedbackLevel>::any())]
    feedback: Option<FeedbackLevel>,
    /// From which stage the name may leave: `one` only for a service that must know it to decide
    #[arg(long, value_parser = Words::<Stage>::any())]
    name_stage: Option<Stage>,
    /// How the person agreed
    #[arg(long, value_parser = Words::<GivenHow>::any())]
    given: Option<GivenHow>,
    /// The language in which they agreed, like fr
    #[arg(long, value_name = "LANGUAGE")]
    consent_language: Option<String>,
    /// Who interpreted
    #[arg(long, value_parser = Words::<Interpreter>::any())]
    interpreter: Option<Interpreter>,
    /// Whether the person said it back in their own words
    #[arg(long, value_parser = Words::<TeachBack>::any())]
    teach_back: Option<TeachBack>,
    /// Who stood beside the person
    #[arg(long, value_parser = Words::<Presence>::any())]
    presence: Option<Presence>,
    /// Until when the agreement holds (90 days when left out)
    #[arg(long, value_name = "DATE", value_parser = When::parse)]
    valid_until: Option<When>,
}

/// The flags of a handover alone.
#[derive(Args, Clone, Debug)]
pub(crate) struct OfferFlags {
    /// Until when the offer stands
    #[arg(long, value_name = "DATE", value_parser = When::parse)]
    pub(crate) offer_until: Option<When>,
    /// How this node signs on the date: by itself, or it asks
    #[arg(long, value_parser = Words::<Signing>::any())]
    pub(crate) signing: Option<Signing>,
}

impl Flags {
    /// The draft that files and flags make.
    ///
    /// # Errors
    /// [`Failure`] when a file cannot be read or is wrong.
    pub(crate) fn draft(&self) -> Result<Draft, Failure> {
        let both = |path: &Option<PathBuf>| path.as_deref().is_some_and(crate::input::is_standard_input);
        if both(&self.file) && both(&self.person) {
            return Err(Failure::usage("--file and --person cannot both be read from standard input"));
        }
        let mut draft = match &self.file {
            Some(path) => Draft::from_json(&read_text(path)?)?,
            None => Draft::default(),
        };
        if let Some(path) = &self.person {
            draft.add_person(&read_text(path)?)?;
        }
        self.overlay(&mut draft);
        Ok(draft)
    }

    fn overlay(&self, draft: &mut Draft) {
        over(&mut draft.to, &self.to);
        over(&mut draft.service, &self.service);
        over(&mut draft.follow_up, &self.follow_up);
        self.need.overlay(draft);
        self.level.overlay(draft);
        self.consent.overlay(draft);
    }

    /// Whether everything was to come from files and flags: then nothing is asked.
    pub(crate) fn is_for_a_script(&self, draft: &Draft, kind: Kind) -> bool {
        self.file.is_some() || self.person.is_some() || draft.missing(kind).is_empty()
    }
}

impl NeedFlags {
    fn overlay(&self, draft: &mut Draft) {
        over_list(&mut draft.themes, &self.themes);
        over(&mut draft.commune, &self.commune);
        over(&mut draft.urgency, &self.urgency);
        over_list(&mut draft.constraints, &self.constraints);
        let yes = self.stating.iter().map(|statement| (*statement, YesNo::Yes));
        let no = self.denying.iter().map(|statement| (*statement, YesNo::No));
        over_list(&mut draft.eligibility, &yes.chain(no).collect::<Vec<_>>());
    }
}

impl LevelFlags {
    fn overlay(&self, draft: &mut Draft) {
        let level = &mut draft.level;
        over(&mut level.digital_autonomy, &self.digital_autonomy);
        over(&mut level.french_spoken, &self.french_spoken);
        over(&mut level.french_read, &self.french_read);
        over(&mut level.connection, &self.connection.map(crate::codes::Code::wire));
        over_list(&mut level.equipment, &crate::codes::numbers(&self.equipment));
        over_list(&mut level.languages, &self.speaks);
    }
}

impl ConsentFlags {
    fn overlay(&self, draft: &mut Draft) {
        let agreed = &mut draft.consent;
        over_list(&mut agreed.classes, &self.classes);
        over(&mut agreed.feedback, &self.feedback);
        over(&mut agreed.name_stage, &self.name_stage);
        over(&mut agreed.given, &self.given);
        over(&mut agreed.language, &self.consent_language);
        over(&mut agreed.interpreter, &self.interpreter);
        over(&mut agreed.teach_back, &self.teach_back);
        over(&mut agreed.presence, &self.presence);
        over(&mut agreed.valid_until, &self.valid_until);
    }
}

fn over<T: Clone>(held: &mut Option<T>, flag: &Option<T>) {
    if flag.is_some() {
        held.clone_from(flag);
    }
}

fn over_list<T: Clone>(held: &mut Vec<T>, flags: &[T]) {
    if !flags.is_empty() {
        *held = flags.to_vec();
    }
}
