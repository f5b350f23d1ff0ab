//! The three structures' pages: one professional each, and a link by which to sign in, so that the story can be played by
//! hand, side by side in a browser.

use super::end::{End, there, untrue};
use super::house::House;
use super::report::Report;
use crate::exit::Failure;
use crate::lines::Lines;
use relais_proto::desk::v1::{AddUserRequest, CreateSignInLinkRequest, Role};
use relais_proto::peer::v1::Professional;
use serde_json::{Value, json};
use std::net::SocketAddr;

/// How long a link holds: as long as someone may look at the demo.
const LINK_HOURS: u32 = 24;

/// One structure's pages.
struct Door {
    structure: &'static str,
    professional: &'static str,
    account: String,
    address: String,
    link: String,
}

/// Makes the professionals and shows where they sign in.
///
/// # Errors
/// [`Failure`] when a node does not answer.
pub(crate) async fn show(house: &House, report: &Report) -> Result<(), Failure> {
    let ends = house.ends().ok_or_else(|| untrue("the nodes are not built"))?;
    let mut doors = Vec::new();
    for (end, gateway) in ends.all().into_iter().zip(house.gateways()) {
        doors.push(open(end, *gateway).await?);
    }
    report.event(&json!({
        "step": "pages", "who": "demo", "what": "the pages of each structure", "ms": report.whole(), "ok": true,
        "pages": doors.iter().map(as_json).collect::<Value>(),
    }));
    let mut lines = Lines::new();
    lines.line("Play it by hand: open each link in a browser, side by side; each works once");
    let cells = doors.iter().map(|door| {
        let who = format!("{} ({})", door.professional, door.account);
        [door.structure.to_owned(), who, door.link.clone()]
    });
    lines.table(["structure", "professional", "sign-in link"], cells.collect(), "");
    report.text(&format!("\n{}", lines.done().trim_end()));
    Ok(())
}

fn as_json(door: &Door) -> Value {
    json!({
        "structure": door.structure,
        "professional": door.professional,
        "account": door.account,
        "address": door.address,
        "link": door.link,
    })
}

async fn open(end: &End, gateway: SocketAddr) -> Result<Door, Failure> {
    let (professional, contact) = end.structure.professional;
    let account = professional.split(' ').next().unwrap_or(professional).to_lowercase();
    let roles = [Role::Counsellor, Role::Coordinator, Role::Admin];
    let user = AddUserRequest {
        name: account.clone(),
        roles: roles.map(i32::from).to_vec(),
        uid: None,
        professional: Some(Professional { name: professional.to_owned(), contact: contact.to_owned() }),
    };
    end.desk.clone().add_user(user).await?;
    let request = CreateSignInLinkRequest { name: account.clone(), validity_hours: LINK_HOURS };
    let link = end.desk.clone().create_sign_in_link(request).await?.into_inner();
    let token = there("the link's token", Some(link.token).filter(|token| !token.is_empty()))?;
    let address = format!("http://{gateway}");
    let link = format!("{address}/lien/{token}");
    Ok(Door { structure: end.structure.short, professional, account, address, link })
}
