//! Waiting for many answers at once, without a runtime.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::task::Poll;

/// Starts all of `futures` before any has to finish; their answers, in the same order.
pub(super) async fn all_of<F: Future>(futures: impl IntoIterator<Item = F>) -> Vec<F::Output> {
    let mut running: Vec<Running<F>> =
        futures.into_iter().map(|future| Running::Still(Box::pin(future))).collect();
    poll_fn(|context| {
        let mut all = Poll::Ready(());
        for one in &mut running {
            if let Running::Still(future) = one {
                match future.as_mut().poll(context) {
                    Poll::Ready(output) => *one = Running::Done(output),
                    Poll::Pending => all = Poll::Pending,
                }
            }
        }
        all
    })
    .await;
    running.into_iter().filter_map(Running::into_output).collect()
}

enum Running<F: Future> {
    Still(Pin<Box<F>>),
    Done(F::Output),
}

impl<F: Future> Running<F> {
    fn into_output(self) -> Option<F::Output> {
        match self {
            Self::Still(_) => None,
            Self::Done(output) => Some(output),
        }
    }
}
