//! Follow-ups: opened, found, read. A person is looked for by a name, which stands in no address: searching is a POST.

use super::answer::{Answer, told};
use super::asked::{Act, At, Body, Integration};
use super::threads::id;
use crate::hex;
use relais_proto::desk::v1 as desk;

/// Begins to follow a person.
pub(super) async fn open(act: Act) -> Answer {
    let request = desk::OpenFollowUpRequest { request_id: act.id(), ..act.read()? };
    let answer = act.who.desk().open_follow_up(act.who.ask(request)).await?;
    let address = format!("{}/follow-ups/{}", super::PREFIX, hex::encode(&answer.get_ref().follow_up_id));
    act.done();
    Ok(told(Ok(answer))?.made(&address))
}

/// Persons that the professional follows.
pub(super) async fn search(who: Integration, body: Body) -> Answer {
    let request: desk::ListFollowUpsRequest = body.read()?;
    told(who.desk().list_follow_ups(who.ask(request)).await)
}

/// One of them.
pub(super) async fn show(who: Integration, At(follow_up): At<String>) -> Answer {
    let request = desk::ShowFollowUpRequest { follow_up_id: id(&follow_up)? };
    told(who.desk().show_follow_up(who.ask(request)).await)
}
