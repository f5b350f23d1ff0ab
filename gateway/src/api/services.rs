//! Services: found, listed, published.

use super::answer::{Answer, told};
use super::asked::{At, Body, Document, Integration, Parameters};
use relais_proto::desk::v1 as desk;

/// Services of partners that meet a need somewhere. What a person needs stands in no address: finding is a POST.
pub(super) async fn find(who: Integration, body: Body) -> Answer {
    let request: desk::FindServicesRequest = body.read()?;
    told(who.desk().find_services(who.ask(request)).await)
}

/// The services of this structure or of a partner.
pub(super) async fn list(
    who: Integration,
    Parameters(request): Parameters<desk::ListServicesRequest>,
) -> Answer {
    told(who.desk().list_services(who.ask(request)).await)
}

/// Publishes the services of a file; what is in it is the node's to judge.
pub(super) async fn import(who: Integration, Document(json): Document) -> Answer {
    told(who.desk().import_services(who.ask(desk::ImportServicesRequest { json })).await)
}

/// Says how many places a service has.
pub(super) async fn set_capacity(who: Integration, At(service_id): At<String>, body: Body) -> Answer {
    let request = desk::SetCapacityRequest { service_id, ..body.read()? };
    told(who.desk().set_capacity(who.ask(request)).await)
}

/// Takes a service back; what is taken back stays so, however often it is asked.
pub(super) async fn withdraw(
    who: Integration,
    At(service_id): At<String>,
    Parameters(request): Parameters<desk::WithdrawServiceRequest>,
) -> Answer {
    let request = desk::WithdrawServiceRequest { service_id, ..request };
    told(who.desk().withdraw_service(who.ask(request)).await)
}

/// Makes, changes or takes back the standing offer of a service.
pub(super) async fn set_walk_in(who: Integration, At(service_id): At<String>, body: Body) -> Answer {
    let request = desk::SetWalkInRequest { service_id, ..body.read()? };
    told(who.desk().set_walk_in(who.ask(request)).await)
}
