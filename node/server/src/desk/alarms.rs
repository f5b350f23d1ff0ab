//! What a human must know of threads. The register tells which; nothing of a person stands here.

use super::Desk;
use crate::register::Order;
use relais_domain::decide::Attention;
use relais_domain::structure_id::StructureId;
use relais_proto::desk::v1 as desk;
use std::collections::BTreeMap;

/// Most threads whose alarms are told one by one.
const THREAD_ALARMS_MAX: usize = 200;

impl Desk {
    /// What someone must be told of threads: of those that changed last, and how many more there are.
    pub(super) fn thread_alarms(&self) -> Vec<desk::Alarm> {
        let told = self.register.select(Order::Changed, |_, line| line.attention != 0);
        let mut phones: BTreeMap<StructureId, String> = BTreeMap::new();
        let mut alarms = Vec::new();
        for (thread, line) in told.iter().take(THREAD_ALARMS_MAX) {
            let phone = || self.directory.phone(line.peer).unwrap_or_default();
            let phone = phones.entry(line.peer).or_insert_with(phone);
            let name = self.names(line.peer).peer;
            for attention in Attention::ALL.iter().filter(|one| line.attention & (1 << one.number()) != 0) {
                alarms.push(desk::Alarm {
                    code: attention.as_str().to_owned(),
                    sentence: sentence(*attention, &name),
                    peer_id: line.peer.as_bytes().to_vec(),
                    thread_id: thread.as_bytes().to_vec(),
                    since_ms: line.changed_at.0,
                    phone: phone.clone(),
                });
            }
        }
        if let Some((_, line)) = told.get(THREAD_ALARMS_MAX) {
            let more = told.len() - THREAD_ALARMS_MAX;
            alarms.push(desk::Alarm {
                code: "more-threads".to_owned(),
                sentence: format!("{more} more referrals or handovers need a look: see what there is to do"),
                since_ms: line.changed_at.0,
                ..desk::Alarm::default()
            });
        }
        alarms
    }
}

fn sentence(attention: Attention, peer: &str) -> String {
    match attention {
        Attention::ErasureReceiptMissing => {
            format!("the consent ended and {peer} has not signed that it erased: call them")
        }
        Attention::EventWithoutEffect => {
            format!("{peer} sent something that was not allowed; it had no effect and was not kept")
        }
        Attention::Forked => {
            format!("{peer} signed two different pasts; nothing more is taken in this thread: call them")
        }
        Attention::HandoverUnconfirmed => {
            format!("{peer} has not confirmed that it follows the person now: keep following, and call")
        }
        Attention::DisclosureHeld => {
            format!("{peer} accepted, but the name waits: check both clocks")
        }
    }
}
