//! A proof file line by line; each fault is reported with its line.

use super::error::{LineFault, ProofFileError};

/// The lines not read yet, and the number of the last one read.
pub(super) struct Lines<'a> {
    pub(super) rest: &'a str,
    pub(super) line: usize,
}

impl<'a> Lines<'a> {
    /// Reads one line as `parse` says; its fault is reported with the line's number.
    pub(super) fn next<T>(
        &mut self,
        parse: impl FnOnce(&'a str) -> Result<T, LineFault>,
    ) -> Result<T, ProofFileError> {
        self.line += 1;
        let (line, fault) = match self.rest.split_once('\n') {
            Some((line, rest)) => {
                self.rest = rest;
                (line, line.ends_with('\r').then_some(LineFault::CarriageReturn))
            }
            None => ("", Some(LineFault::Ended)),
        };
        let parsed = fault.map_or_else(|| parse(line), Err);
        parsed.map_err(|fault| ProofFileError::Line { line: self.line, fault })
    }

    pub(super) fn expect(&mut self, expected: &str, fault: LineFault) -> Result<(), ProofFileError> {
        self.next(|line| if line == expected { Ok(()) } else { Err(fault) })
    }

    /// Reads lines up to and including an empty one.
    pub(super) fn block<T>(
        &mut self,
        count_max: usize,
        too_many: LineFault,
        mut parse: impl FnMut(&'a str) -> Result<T, LineFault>,
    ) -> Result<Vec<T>, ProofFileError> {
        let mut block = Vec::new();
        loop {
            let parsed = self.next(|line| match line {
                "" => Ok(None),
                _ if block.len() == count_max => Err(too_many),
                line => parse(line).map(Some),
            })?;
            match parsed {
                Some(item) => block.push(item),
                None => return Ok(block),
            }
        }
    }
}
