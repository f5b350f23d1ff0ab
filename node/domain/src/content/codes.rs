//! The closed lists that content is made of. Numbers are those of the wire and never change.

use crate::code::codes;

codes! {
    /// How soon help is needed; picks the default answer deadline.
    Urgency {
        /// Within 24 hours.
        Now = 1 "now",
        /// Within 72 hours.
        Soon = 2 "soon",
        /// Within 14 days.
        Normal = 3 "normal",
    }

    /// How much of the course the receiver may tell the sender.
    FeedbackLevel {
        /// Only that it was accepted, refused or ended.
        Accepted = 1 "accepted",
        /// Also appointment, absence, arrival.
        Attended = 2 "attended",
        /// Also the outcome.
        Outcome = 3 "outcome",
    }

    /// A practical constraint of the person; never a diagnosis.
    Constraint {
        /// Free in the morning.
        Mornings = 1 "mornings",
        /// Free in the afternoon.
        Afternoons = 2 "afternoons",
        /// Free in the evening only.
        EveningsOnly = 3 "evenings-only",
        /// Has no car.
        NoCar = 10 "no-car",
        /// Moves on foot only.
        OnFoot = 11 "on-foot",
        /// Cannot move: visit or remote.
        CannotTravel = 12 "cannot-travel",
        /// Needs childcare during the meeting.
        Childcare = 20 "childcare",
        /// Needs a ground floor or a lift.
        GroundFloor = 30 "ground-floor",
        /// Needs a hearing loop or written exchange.
        HearingSupport = 31 "hearing-support",
        /// Needs large print or reading aloud.
        ReadingSupport = 32 "reading-support",
        /// Needs someone beside them.
        Accompanied = 33 "accompanied",
    }

    /// What the person can use.
    Equipment {
        /// Nothing.
        None = 1 "none",
        /// A phone without internet.
        BasicPhone = 2 "basic-phone",
        /// A smartphone.
        Smartphone = 3 "smartphone",
        /// A tablet.
        Tablet = 4 "tablet",
        /// A computer.
        Computer = 5 "computer",
    }

    /// What connection the person can afford.
    Connection {
        /// None.
        None = 1 "none",
        /// Prepaid, or by the month with little data.
        Prepaid = 2 "prepaid",
        /// A mobile plan with data.
        Mobile = 3 "mobile",
        /// A line at home.
        Home = 4 "home",
    }

    /// A statement on eligibility, made by the sender.
    Statement {
        /// Registered jobseeker.
        RegisteredJobseeker = 1 "registered-jobseeker",
        /// Receives a minimum income.
        MinimumIncome = 2 "minimum-income",
        /// Is under 26.
        UnderTwentySix = 3 "under-26",
        /// Is 60 or older.
        SixtyOrOlder = 4 "60-or-older",
        /// Is recognised as a worker with a disability.
        DisabledWorker = 5 "disabled-worker",
        /// Lives in the territory of the service.
        LivesInTerritory = 6 "lives-in-territory",
        /// Has a child in care of the family.
        Parent = 7 "parent",
        /// Is a student.
        Student = 8 "student",
    }

    /// Yes or no.
    YesNo {
        /// Yes.
        Yes = 1 "yes",
        /// No.
        No = 2 "no",
    }

    /// A coded question of the receiver before it answers.
    Question {
        /// Can the person come this week?
        CanComeThisWeek = 1 "can-come-this-week",
        /// Does the person need an interpreter?
        NeedsInterpreter = 2 "needs-interpreter",
        /// Does the person have a device of their own?
        HasDevice = 3 "has-device",
        /// Does the person live in the territory?
        LivesInTerritory = 4 "lives-in-territory",
        /// Is the person a registered jobseeker?
        RegisteredJobseeker = 5 "registered-jobseeker",
        /// Would a meeting by phone or video do?
        RemotePossible = 6 "remote-possible",
        /// Can the person read a short message in French?
        ReadsFrench = 7 "reads-french",
        /// Is the person already followed elsewhere for this need?
        FollowedElsewhere = 8 "followed-elsewhere",
    }

    /// A coded answer.
    Reply {
        /// Yes.
        Yes = 1 "yes",
        /// No.
        No = 2 "no",
        /// Not known.
        Unknown = 3 "unknown",
        /// The person would rather not say.
        NotSaid = 4 "not-said",
    }

    /// Why a thread ended or a withdrawal is asked.
    Reason {
        /// No place.
        Full = 1 "full",
        /// Outside the territory served.
        OutsideTerritory = 2 "outside_territory",
        /// Does not meet the conditions.
        NotEligible = 3 "not_eligible",
        /// Cannot come that far.
        NotMobile = 4 "not_mobile",
        /// Something is missing to decide.
        Incomplete = 5 "incomplete",
        /// Another structure suits better.
        BetterServedElsewhere = 6 "better_served_elsewhere",
        /// The consent does not hold.
        ConsentNotValid = 7 "consent_not_valid",
        /// The person could not be reached.
        Unreachable = 8 "unreachable",
        /// The person did not come.
        DidNotCome = 9 "did_not_come",
        /// The person is not interested.
        NotInterested = 10 "not_interested",
        /// The person found work.
        InEmployment = 11 "in_employment",
        /// The person is in training.
        InTraining = 12 "in_training",
        /// The same referral exists already.
        Duplicate = 13 "duplicate",
        /// Other obstacles.
        OtherObstacles = 14 "other_obstacles",
        /// The sender asked for it back.
        WithdrawnBySender = 15 "withdrawn_by_sender",
        /// The consent no longer covers what would be sent.
        ConsentLapsed = 16 "consent_lapsed",
        /// Sent by mistake.
        EnteredInError = 17 "entered_in_error",
        /// The need is met otherwise.
        NoLongerNeeded = 18 "no_longer_needed",
        /// The person stopped the consent.
        Stopped = 19 "stopped",
        /// A date passed.
        Expired = 20 "expired",
        /// A newer version of the consent took its place.
        Superseded = 21 "superseded",
        /// The consent was never valid.
        Invalidated = 22 "invalidated",
        /// The holder took the offer back.
        Withdrawn = 23 "withdrawn",
        /// The receiver renounced.
        Renounced = 24 "renounced",
        /// None of these.
        Other = 99 "other",
    }

    /// What came of a referral.
    #[expect(clippy::enum_variant_names, reason = "these are the words of the field")]
    Outcome {
        /// The need is met.
        NeedMet = 1 "need_met",
        /// Partly.
        NeedPartlyMet = 2 "need_partly_met",
        /// Not met.
        NeedNotMet = 3 "need_not_met",
    }

    /// How the person can be reached.
    Reach {
        /// By phone.
        Phone = 1 "phone",
        /// By e-mail.
        Email = 2 "email",
        /// Through the sender's professional.
        ThroughSender = 3 "through-sender",
        /// Present at given days and hours.
        PresentAt = 4 "present-at",
    }

    /// What must not be done when reaching the person.
    Caution {
        /// Must not be written to.
        DoNotWrite = 1 "do-not-write",
        /// Must not be called at home.
        DoNotCallHome = 2 "do-not-call-home",
        /// Messages must not name the structure.
        Discreet = 3 "discreet",
    }

    /// A part of a thread's content that is erased as one.
    ContentPart {
        /// What was told before the answer.
        StageOne = 1 "stage-1",
        /// What was told after acceptance.
        StageTwo = 2 "stage-2",
        /// What happened.
        Course = 3 "course",
        /// Coded evidence of endings and erasures; outlives the others.
        Evidence = 4 "evidence",
        /// What this structure noted for itself; never crosses.
        Own = 5 "own",
    }

    /// Why a part is kept after an erasure.
    KeptBasis {
        /// A law obliges to keep it.
        LegalObligation = 1 "legal-obligation",
        /// A legal claim is pending.
        LegalClaim = 2 "legal-claim",
        /// The structure's own file about a person it received.
        OwnFile = 3 "own-file",
    }
}
