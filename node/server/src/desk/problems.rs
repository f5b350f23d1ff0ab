//! What is wrong with a form: all of it, not only what is found first.

use relais_proto::desk::v1 as desk;
use tonic::{Code, Status};

/// Most problems that are told at once.
const PROBLEMS_MAX: usize = 64;

/// What was found wrong, in the order in which it was found.
#[derive(Debug, Default)]
pub(super) struct Problems(Vec<Status>);

impl Problems {
    /// What was read; what is wrong with it is remembered.
    pub(super) fn take<T>(&mut self, read: Result<T, Status>) -> Option<T> {
        read.map_err(|problem| self.push(problem)).ok()
    }

    /// Remembers a problem, once.
    pub(super) fn push(&mut self, problem: Status) {
        let known =
            |other: &Status| field_of(other) == field_of(&problem) && other.message() == problem.message();
        if self.0.len() < PROBLEMS_MAX && !self.0.iter().any(known) {
            self.0.push(problem);
        }
    }

    /// Nothing, or the problem that was found first.
    pub(super) fn first(self) -> Result<(), Status> {
        self.0.into_iter().next().map_or(Ok(()), Err)
    }

    /// Every problem by its field; what is no fault of the form ends the call.
    pub(super) fn told(self) -> Result<Vec<desk::FieldProblem>, Status> {
        self.0.into_iter().map(told).collect()
    }
}

fn field_of(problem: &Status) -> Option<&str> {
    problem.metadata().get("relais-field").and_then(|value| value.to_str().ok())
}

fn told(problem: Status) -> Result<desk::FieldProblem, Status> {
    match problem.code() {
        Code::InvalidArgument | Code::FailedPrecondition => {}
        Code::Ok
        | Code::Cancelled
        | Code::Unknown
        | Code::DeadlineExceeded
        | Code::NotFound
        | Code::AlreadyExists
        | Code::PermissionDenied
        | Code::ResourceExhausted
        | Code::Aborted
        | Code::OutOfRange
        | Code::Unimplemented
        | Code::Internal
        | Code::Unavailable
        | Code::DataLoss
        | Code::Unauthenticated => return Err(problem),
    }
    let field = field_of(&problem).unwrap_or_default().to_owned();
    let sentence = problem.message();
    let named = sentence.strip_prefix(&field).and_then(|rest| rest.strip_prefix(": "));
    Ok(desk::FieldProblem { problem: named.unwrap_or(sentence).to_owned(), field })
}

#[cfg(test)]
mod tests {
    use super::super::answer;
    use super::*;

    #[test]
    fn every_problem_is_told_once_and_in_order() {
        let mut problems = Problems::default();
        assert_eq!(problems.take::<u8>(Err(answer::field("need.commune", "is not one"))), None);
        assert_eq!(problems.take(Ok(7)), Some(7));
        problems.push(answer::field("name.given", "is empty"));
        problems.push(answer::field("need.commune", "is not one"));
        problems.push(answer::refused(Code::InvalidArgument, "content", None, "is odd".to_owned()));
        problems.push(answer::refused(Code::InvalidArgument, "content", None, "is odd too".to_owned()));
        let told = problems.told().unwrap();
        let told: Vec<_> = told.iter().map(|one| (one.field.as_str(), one.problem.as_str())).collect();
        let wanted =
            [("need.commune", "is not one"), ("name.given", "is empty"), ("", "is odd"), ("", "is odd too")];
        assert_eq!(told, wanted);
    }

    #[test]
    fn the_first_is_what_a_call_is_refused_with() {
        let mut problems = Problems::default();
        problems.push(answer::field("name.given", "is empty"));
        problems.push(answer::field("need.commune", "is not one"));
        assert_eq!(problems.first().unwrap_err().message(), "name.given: is empty");
        assert!(Problems::default().first().is_ok());
    }

    #[test]
    fn a_fault_of_the_node_is_no_fault_of_the_form() {
        let mut problems = Problems::default();
        problems.push(Status::unavailable("the disk is full"));
        assert_eq!(problems.told().unwrap_err().code(), Code::Unavailable);
    }

    #[test]
    fn problems_are_bounded() {
        let mut problems = Problems::default();
        for index in 0..2 * PROBLEMS_MAX {
            problems.push(answer::field(&format!("field-{index}"), "is odd"));
        }
        assert_eq!(problems.told().unwrap().len(), PROBLEMS_MAX);
    }
}
