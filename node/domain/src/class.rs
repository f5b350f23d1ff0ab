//! Data classes: what a message may carry, each with the stage at which it may leave (domain words: *classes de
//! données*). Every field of every message belongs to exactly one.

/// When a class may leave: before the answer, or only after the receiver accepted.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Stage {
    /// Before the answer.
    One,
    /// Only after acceptance.
    Two,
}

macro_rules! classes {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $text:literal, $stage:ident;)+) => {
        /// One class of data. Numbers are those of the wire and never change.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
        pub enum DataClass { $($(#[$doc])* $name),+ }

        impl DataClass {
            /// Every class, in the order of the wire.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// The class's number on the wire.
            pub const fn number(self) -> u32 {
                match self { $(Self::$name => $number),+ }
            }

            /// The class of a wire number; `None` for an unknown one.
            pub fn from_number(number: u32) -> Option<Self> {
                Self::ALL.iter().copied().find(|class| class.number() == number)
            }

            /// The class's name, as written in consents, in the command line and in messages.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $text),+ }
            }

            /// The class of a name; `None` for an unknown one.
            pub fn parse(text: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|class| class.as_str() == text)
            }

            /// The stage from which the class may leave.
            pub const fn stage(self) -> Stage {
                match self { $(Self::$name => Stage::$stage),+ }
            }
        }
    };
}

classes! {
    /// Themes, urgency, commune, and the service asked.
    Need = 1, "need", One;
    /// Closed choices: availability, mobility, childcare, accessibility as a need.
    Constraints = 2, "constraints", One;
    /// Digital autonomy, equipment, French, languages spoken.
    Level = 3, "level", One;
    /// Yes/no statements by the sender.
    Eligibility = 4, "eligibility", One;
    /// Free text, at most 280 characters.
    Note = 5, "note", One;
    /// Coded question, coded answer.
    Answer = 6, "answer", One;
    /// Work name and contact of a member of staff.
    Professional = 7, "professional", One;
    /// Appointment, reason, outcome, the person's own account; as far as the feedback level goes.
    Course = 8, "course", One;
    /// Exact instants.
    Times = 9, "times", One;
    /// Usual first name and initial; full name for a handover.
    Name = 10, "name", Two;
    /// How to reach the person.
    Contact = 11, "contact", Two;
    /// Done, pending, deadlines, the person's own goals.
    Handover = 12, "handover", Two;
    /// Documents, ticked one by one; handover only.
    Documents = 13, "documents", Two;
    /// GDPR article 9; handover only, on the person's request.
    Sensitive = 14, "sensitive", Two;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_come_back() {
        for class in DataClass::ALL.iter().copied() {
            assert_eq!(DataClass::from_number(class.number()), Some(class));
            assert_eq!(DataClass::parse(class.as_str()), Some(class));
        }
        assert_eq!(DataClass::from_number(0), None);
        assert_eq!(DataClass::Name.stage(), Stage::Two);
        assert_eq!(DataClass::Need.stage(), Stage::One);
    }
}
