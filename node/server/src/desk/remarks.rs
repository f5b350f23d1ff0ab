//! What the node did otherwise than asked: coded, for pages of any language, and in words, for the command line.

use relais_proto::desk::v1 as desk;
use relais_proto::desk::v1::RemarkKind;

/// Remarks in the order in which they were made.
#[derive(Clone, Default)]
pub(super) struct Remarks {
    /// In words.
    pub(super) sentences: Vec<String>,
    /// The same, coded.
    pub(super) coded: Vec<desk::Remark>,
}

impl Remarks {
    /// A former commune was replaced by the one it is part of; each by its name and code.
    pub(super) fn former_commune(&mut self, former: (&str, &str), present: (&str, &str)) {
        self.places(RemarkKind::FormerCommune, former.0, present.0);
        let ((former, old), (present, new)) = (former, present);
        self.sentences.push(format!("{former} ({old}) is now part of {present} ({new})"));
    }

    /// Instead of a commune where few people live, its EPCI is told; by their names.
    pub(super) fn small_commune(&mut self, commune: &str, told: &str) {
        self.places(RemarkKind::SmallCommune, commune, told);
        self.sentences.push(format!("{commune} is small: {told} is told instead"));
    }

    /// An act that waited could not be done.
    pub(super) fn act_not_done(&mut self, act: i32, sentence: String) {
        let kind = RemarkKind::ActNotDone.into();
        self.coded.push(desk::Remark { kind, act, ..desk::Remark::default() });
        self.sentences.push(sentence);
    }

    fn places(&mut self, kind: RemarkKind, from: &str, to: &str) {
        let (kind, from, to) = (kind.into(), from.to_owned(), to.to_owned());
        self.coded.push(desk::Remark { kind, from, to, ..desk::Remark::default() });
    }

    /// Tells them with a thread.
    pub(super) fn tell(self, view: &mut desk::ThreadView) {
        view.remarks.extend(self.sentences);
        view.coded_remarks.extend(self.coded);
    }
}
