//! The demo: three structures of La Rochelle, each with its own process, folder, database, keys and port, play one story.
//!
//! Everything is done through the Desk, as any professional's program would, and every line printed was looked up at
//! both ends. Only the sender that cheats makes its bytes by hand ([`tamper`]). The persons are invented.

mod cast;
mod end;
mod ending;
mod ground;
mod house;
mod pages;
mod pairing;
mod paper;
mod process;
mod report;
mod story;
mod tamper;

use crate::answer::{Answer, Format};
use crate::exit::{Exit, Failure};
use ground::Ground;
use house::House;
use relais_server::clock::Dice;
use report::Report;
use std::future::Future;
use std::path::PathBuf;
use tokio::signal::unix::{SignalKind, signal};

/// What happens when the story is over.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Afterwards {
    /// The nodes stay up until Ctrl-C.
    Stay,
    /// The nodes are stopped.
    Stop,
}

/// How the demo is played.
#[derive(Clone, Debug)]
pub(crate) struct Play {
    /// Where the three folders are made and left; a temporary place, removed at the end, when absent.
    pub(crate) folder: Option<PathBuf>,
    /// What happens when the story is over.
    pub(crate) afterwards: Afterwards,
}

/// Plays the story; prints each step when it has come true.
///
/// # Errors
/// [`Failure`] of the first step that does not come true; the nodes are stopped then, too.
pub(crate) fn run(play: &Play, format: Format) -> Result<Answer, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| Failure::io("the runtime", &error))?;
    runtime.block_on(perform(play, &Report::new(format)))
}

async fn perform(play: &Play, report: &Report) -> Result<Answer, Failure> {
    let ground = Ground::prepare(play.folder.clone())?;
    let dice = Dice::system().map_err(|error| Failure::new(Exit::Internal, error.to_string()))?;
    let mut house = House::new(ground, dice);
    let stop = stop_asked()?;
    tokio::pin!(stop);
    let played = tokio::select! {
        played = Box::pin(tell(&mut house, play.afterwards, report)) => played,
        () = &mut stop => Err(Failure::new(Exit::StoryBroken, "the demo was stopped before its end")),
    };
    if played.is_ok() && play.afterwards == Afterwards::Stay {
        report.stays();
        stop.await;
    }
    let left = house.close().await;
    played.map(|()| report.closed(&left))
}

/// The whole story. Links into the pages are given only while there is someone who can open them.
async fn tell(house: &mut House, afterwards: Afterwards, report: &Report) -> Result<(), Failure> {
    report.opens(house.ground());
    house.build(report).await?;
    let threads = story::play(house, report).await?;
    ending::show(house, &threads, afterwards, report).await?;
    match afterwards {
        Afterwards::Stay => pages::show(house, report).await,
        Afterwards::Stop => Ok(()),
    }
}

/// Ends when someone asks the demo to stop: Ctrl-C, or the system.
fn stop_asked() -> Result<impl Future<Output = ()>, Failure> {
    let listen = |kind| signal(kind).map_err(|error| Failure::io("the signals", &error));
    let mut interrupt = listen(SignalKind::interrupt())?;
    let mut terminate = listen(SignalKind::terminate())?;
    let mut hang_up = listen(SignalKind::hangup())?;
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hang_up.recv() => {}
        }
    })
}
