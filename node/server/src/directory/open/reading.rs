//! Reading the entries of the store: beside those that are shown, whose place they take in one go. Until then the former
//! ones are found, and their words are still there.

use super::index::{Index, Structure};
use super::shelf::{self, Generation, Header};
use super::{OPEN_LIFETIME, OpenData, Shown, body, read_service};
use crate::directory::dump::Kind;
use crate::directory::inclusion::structure::site_id;
use relais_domain::directory::{LaidOut, Listing, OPEN_SERVICES_MAX, Siret};
use relais_domain::time::Timestamp;
use relais_store::StoreError;
use relais_store::rows::Document;
use serde_json::Value;
use std::sync::Arc;
use std::sync::atomic::Ordering;

impl OpenData {
    /// Reads every entry anew, unless what is shown is what is stored, and clears away what a run that broke off has left.
    ///
    /// # Errors
    /// [`StoreError`] when the store cannot: what was shown before still is.
    pub async fn load(&self) -> Result<(), StoreError> {
        // Whoever works reads them anew in the end.
        let Ok(_working) = self.working.try_lock() else { return Ok(()) };
        if !self.is_current() {
            self.reload().await?;
        }
        self.clear_left().await
    }

    /// Says that what is shown is to be read anew.
    pub(super) fn is_outdated(&self) {
        self.current.store(false, Ordering::Release);
    }

    /// Reads every entry anew, by who works already.
    pub(super) async fn reload(&self) -> Result<(), StoreError> {
        self.is_outdated();
        let mut headers = Vec::new();
        for source in 0..self.sources_max() {
            if let Some(header) = shelf::header(&*self.store, source).await? {
                headers.push((source, header));
            }
        }
        let services = headers.iter().map(|(_, header)| usize::try_from(header.services).unwrap_or_default());
        let laid_out = LaidOut::with_room(services.sum::<usize>().min(OPEN_SERVICES_MAX));
        let mut beside = Beside { index: self.read(Index::after), laid_out };
        for (source, header) in headers {
            self.read_source(&mut beside, source, header).await?;
        }
        beside.index.end();
        self.show(beside);
        self.current.store(true, Ordering::Release);
        Ok(())
    }

    async fn read_source(&self, beside: &mut Beside, source: u8, header: Header) -> Result<(), StoreError> {
        let generation = Generation { source, number: header.generation };
        let expires_at = Timestamp(header.seeded_ms).plus(OPEN_LIFETIME);
        beside.index.begin_source(source, header);
        for part in 0.. {
            let part = generation.part(&*self.store, Kind::Structure, part).await?;
            if part.is_empty() {
                break;
            }
            let read: Vec<_> = part.iter().filter_map(known_structure).collect();
            beside.index.add_structures(&read);
            tokio::task::yield_now().await;
        }
        beside.index.end_structures();
        for part in 0.. {
            let part = generation.part(&*self.store, Kind::Service, part).await?;
            if part.is_empty() {
                break;
            }
            part.iter().for_each(|document| beside.take_service(document, expires_at));
            tokio::task::yield_now().await;
        }
        Ok(())
    }

    /// Shows what was read, judged by what was heard last, in the place of what was shown.
    fn show(&self, beside: Beside) {
        let claims = Arc::clone(&self.claims.read().claims);
        let hidden = Arc::new(beside.index.judge(&claims));
        let mut next = Shown { readings: self.readings() + 1, index: Arc::new(beside.index), hidden };
        let mut turn = || std::mem::swap(&mut *self.shown.write(), &mut next);
        let take = self.take.read().clone();
        match take {
            Some(take) => take(beside.laid_out.done(), &mut turn),
            None => turn(),
        }
        // Who was heard meanwhile has judged the former ones.
        if !Arc::ptr_eq(&self.claims.read().claims, &claims) {
            self.judge();
        }
    }
}

/// What is read, until it is shown.
struct Beside {
    index: Index,
    laid_out: LaidOut,
}

impl Beside {
    fn take_service(&mut self, document: &Document, expires_at: Timestamp) {
        let Some((sequence, key)) = shelf::entry_of(document) else { return };
        let Some((offered, _)) = read_service(&document.body) else { return self.index.add_unreadable() };
        let Some(number) = self.index.add_service(key, site_id(&offered.structure), sequence) else { return };
        self.laid_out.add(Listing::open(number, &offered.structure, &offered.service, expires_at));
    }
}

/// What is held of a structure in memory.
fn known_structure(document: &Document) -> Option<Structure> {
    let (sequence, key) = shelf::entry_of(document)?;
    let object = body::decode(Kind::Structure, &document.body)?;
    let site = site_id(object.get("id").and_then(Value::as_str)?);
    let siret = object.get("siret").and_then(Value::as_str).and_then(Siret::parse);
    Some(Structure { key, site, siret, sequence })
}
