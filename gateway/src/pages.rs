//! The pages: one room for each place a professional goes to.

mod about;
mod account;
mod agreed;
mod draft;
mod home;
mod inquiry;
mod keys;
mod languages;
mod paper;
mod people;
mod place;
mod reach;
mod referral;
mod refused;
mod remark;
mod sign_in;
mod structure;
mod thread;
mod threads;
mod walk_in;
mod writing;

pub(crate) use writing::{Kept, RESUMED};

use crate::visit::Gate;
use axum::Router;
use axum::routing::{get, post};

/// Every page's route.
pub(crate) fn router() -> Router<Gate> {
    Router::new()
        .merge(about::router())
        .merge(account::router())
        .merge(inquiry::router())
        .merge(paper::router())
        .merge(people::router())
        .merge(referral::router())
        .merge(structure::router())
        .merge(thread::router())
        .route("/orientations", get(threads::show))
        .route("/papier", get(walk_in::show).post(walk_in::find))
        .route("/", get(home::show))
        .route("/connexion", get(sign_in::show).post(sign_in::sign_in))
        .route("/lien/{token}", get(sign_in::show_link).post(sign_in::follow_link))
        .route("/mot-de-passe", get(sign_in::show_password).post(sign_in::set_password))
        .route("/deconnexion", post(sign_in::sign_out))
        .route("/langue", post(sign_in::choose_language))
}
