use super::*;
use relais_store::memory::MemoryStore;
use std::cell::Cell;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

const NOW: Timestamp = Timestamp(1_795_305_600_000);

fn structure(name: &[u8]) -> StructureId {
    StructureId::of_root_spki(name)
}

fn new(lifetime: Span) -> NewInvitation {
    let endpoints = vec![Endpoint::parse("relais.example.org:8444").expect("an endpoint")];
    NewInvitation { inviter: structure(b"inviter"), endpoints, lifetime, number: None }
}

struct Bench {
    invitations: Invitations,
    dice: Dice,
}

impl Bench {
    fn new() -> Self {
        let invitations = Invitations::new(Arc::new(MemoryStore::new()));
        Self { invitations, dice: Dice::system().expect("randomness") }
    }

    async fn invite(&self) -> InvitationNumber {
        self.invitations.create(new(Span::hours(1)), NOW, &self.dice).await.expect("an invitation").number
    }

    async fn claim(&self, number: InvitationNumber, at: Timestamp) -> Claim {
        self.claim_by(b"joiner", number, at).await
    }

    async fn claim_by(&self, name: &[u8], number: InvitationNumber, at: Timestamp) -> Claim {
        self.invitations.claim(number, structure(name), at).await.expect("an answer")
    }

    async fn count_wrong(&self, number: InvitationNumber) {
        self.invitations.count_wrong(number, NOW).await.expect("counted");
    }

    async fn view(&self, number: InvitationNumber) -> InvitationView {
        let all = self.invitations.list().await.expect("a list");
        *all.iter().find(|view| view.number == number).expect("it is kept")
    }
}

#[tokio::test]
async fn the_same_call_makes_one_invitation() {
    let bench = Bench::new();
    let number = Some(InvitationNumber([7; 8]));
    let call = || NewInvitation { number, ..new(Span::hours(1)) };
    let create = async || bench.invitations.create(call(), NOW, &bench.dice).await;
    let both = [create().await, create().await];
    let [Ok(made), Err(InvitationError::Made(until))] = both else { panic!("{both:?}") };
    assert_eq!((made.number, made.expires), (InvitationNumber([7; 8]), until));
    assert_eq!(bench.claim(made.number, NOW).await, Claim::Granted, "the first link works");
    assert!(matches!(create().await, Err(InvitationError::Made(_))), "also once it was used");
    assert_eq!(bench.invitations.list().await.expect("a list").len(), 1);
}

#[tokio::test]
async fn an_invitation_is_claimed_once_and_the_second_is_counted() {
    let bench = Bench::new();
    let number = bench.invite().await;
    assert_eq!(bench.claim(number, NOW).await, Claim::Granted);
    assert_eq!(bench.claim_by(b"thief", number, NOW).await, Claim::Used);
    let view = bench.view(number).await;
    assert_eq!(view.standing_at(NOW), Standing::Used { by: structure(b"joiner"), at: NOW });
    assert_eq!((view.late_claims, view.wrong_proofs), (1, 0));
}

#[tokio::test]
async fn who_was_cut_off_may_come_again_in_time_and_nobody_else() {
    let bench = Bench::new();
    let number = bench.invite().await;
    let (later, end) = (NOW.plus(Span::minutes(5)), NOW.plus(Span::hours(1)));
    assert_eq!(bench.claim(number, NOW).await, Claim::Granted);
    assert_eq!(bench.claim(number, later).await, Claim::Granted);
    assert_eq!(bench.claim_by(b"thief", number, later).await, Claim::Used);
    assert_eq!(bench.view(number).await.standing, Standing::Used { by: structure(b"joiner"), at: later });
    assert_eq!(bench.claim(number, end).await, Claim::Used);
}

#[tokio::test]
async fn guesses_are_counted_after_its_use_too() {
    let bench = Bench::new();
    let number = bench.invite().await;
    bench.count_wrong(number).await;
    assert_eq!(bench.claim(number, NOW).await, Claim::Granted);
    bench.count_wrong(number).await;
    assert_eq!(bench.claim(number, NOW).await, Claim::Granted);
    for _ in 0..3 {
        bench.count_wrong(number).await;
    }
    let view = bench.view(number).await;
    assert_eq!((view.standing, view.wrong_proofs), (Standing::Used { by: structure(b"joiner"), at: NOW }, 3));
    assert_eq!(bench.claim(number, NOW).await, Claim::Used, "three guesses, and nobody comes in any more");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_once_one_is_granted() {
    let bench = Bench::new();
    let number = bench.invite().await;
    let tasks: Vec<_> = (0..12)
        .map(|guest| {
            let invitations = bench.invitations.clone();
            let name = structure(&[guest]);
            tokio::spawn(async move { invitations.claim(number, name, NOW).await })
        })
        .collect();
    let mut granted = 0;
    for task in tasks {
        granted += usize::from(task.await.expect("no panic").expect("an answer") == Claim::Granted);
    }
    assert_eq!((granted, bench.view(number).await.late_claims), (1, 11));
}

#[tokio::test]
async fn a_claim_judged_on_former_facts_is_judged_again() {
    let bench = Bench::new();
    let number = bench.invite().await;
    let judged = Cell::new(0);
    let claimed = bench.invitations.change(number, |record| {
        judged.set(judged.get() + 1);
        if judged.get() == 1 {
            // Someone else claims it between our reading and our writing.
            let other = pin!(bench.claim(number, NOW)).poll(&mut Context::from_waker(Waker::noop()));
            assert_eq!(other, Poll::Ready(Claim::Granted));
        }
        judge_claim(record, structure(b"thief"), NOW)
    });
    assert_eq!(claimed.await.expect("an answer"), Some(Claim::Used));
    assert_eq!(judged.get(), 2);
    let view = bench.view(number).await;
    assert_eq!(view.standing, Standing::Used { by: structure(b"joiner"), at: NOW });
}

#[tokio::test]
async fn three_wrong_proofs_kill_it() {
    let bench = Bench::new();
    let number = bench.invite().await;
    bench.count_wrong(number).await;
    bench.count_wrong(number).await;
    assert_eq!(bench.view(number).await.standing_at(NOW), Standing::Open);
    bench.count_wrong(number).await;
    bench.count_wrong(number).await;
    let view = bench.view(number).await;
    assert_eq!((view.standing_at(NOW), view.wrong_proofs), (Standing::Dead, 3));
    assert_eq!(bench.claim(number, NOW).await, Claim::Dead);
    assert_eq!(bench.view(number).await.late_claims, 1);
}

#[tokio::test]
async fn it_ends_on_time() {
    let bench = Bench::new();
    let number = bench.invite().await;
    let end = NOW.plus(Span::hours(1));
    assert_eq!(bench.claim(number, end).await, Claim::Expired);
    assert_eq!(bench.view(number).await.standing_at(end), Standing::Expired);
    assert_eq!(bench.claim(number, end.minus(Span(1))).await, Claim::Granted);
}

#[tokio::test]
async fn it_can_be_withdrawn_while_open() {
    let bench = Bench::new();
    let number = bench.invite().await;
    bench.invitations.withdraw(number).await.expect("it was open");
    assert_eq!(bench.claim(number, NOW).await, Claim::Dead);
    let again = bench.invitations.withdraw(number).await;
    assert!(matches!(again, Err(InvitationError::Unknown)));
    let absent = bench.invitations.withdraw(InvitationNumber([0; 8])).await;
    assert!(matches!(absent, Err(InvitationError::Unknown)));
}

#[tokio::test]
async fn what_is_not_there_is_unknown() {
    let bench = Bench::new();
    let number = InvitationNumber([0; 8]);
    assert_eq!(bench.claim(number, NOW).await, Claim::Unknown);
    assert!(bench.invitations.proof_key(number).await.expect("an answer").is_none());
    bench.count_wrong(number).await;
    assert!(bench.invitations.list().await.expect("a list").is_empty());
}

#[tokio::test]
async fn lifetimes_and_endpoints_are_bounded() {
    let bench = Bench::new();
    for lifetime in [Span::ZERO, Span(-1), Span(INVITATION_LIFETIME_MAX.0 + 1)] {
        let made = bench.invitations.create(new(lifetime), NOW, &bench.dice).await;
        assert!(matches!(made, Err(InvitationError::Lifetime)), "{lifetime:?}");
    }
    let nowhere = NewInvitation { endpoints: Vec::new(), ..new(Span::hours(1)) };
    let made = bench.invitations.create(nowhere, NOW, &bench.dice).await;
    assert!(matches!(made, Err(InvitationError::Endpoints)));
}

#[tokio::test]
async fn so_many_are_open_at_once() {
    let bench = Bench::new();
    for _ in 0..INVITATIONS_OPEN_MAX {
        bench.invite().await;
    }
    let made = bench.invitations.create(new(Span::hours(1)), NOW, &bench.dice).await;
    assert!(matches!(made, Err(InvitationError::TooMany)));
    let later = NOW.plus(Span::hours(1));
    assert!(bench.invitations.create(new(Span::hours(1)), later, &bench.dice).await.is_ok());
}

#[tokio::test]
async fn the_secret_is_not_kept_and_old_ones_are_forgotten() {
    let store = Arc::new(MemoryStore::new());
    let invitations = Invitations::new(Arc::clone(&store) as Arc<dyn Store>);
    let dice = Dice::system().expect("randomness");
    let made = invitations.create(new(Span::hours(1)), NOW, &dice).await.expect("an invitation");
    let kept = invitations.proof_key(made.number).await.expect("an answer").expect("a key");
    assert_eq!(kept.expose_secret_bytes(), made.secret.proof_key().expose_secret_bytes());
    let body =
        store.document(Shelf::Invitation, &made.number.0).await.expect("an answer").expect("kept").body;
    let link =
        relais_wire::pairing::parse_link(secrecy::ExposeSecret::expose_secret(&made.link())).expect("a link");
    assert_eq!(link.expires, made.expires);
    let text = String::from_utf8(body).expect("JSON");
    let secret = made.link();
    let (_, secret) = secrecy::ExposeSecret::expose_secret(&secret).split_once('#').expect("a secret");
    assert!(!text.contains(secret));
    let end = made.expires.plus(INVITATION_KEPT);
    assert_eq!(invitations.sweep(end.minus(Span(1))).await.expect("swept"), 0);
    assert_eq!(invitations.sweep(end).await.expect("swept"), 1);
    assert!(invitations.list().await.expect("a list").is_empty());
}

#[tokio::test]
async fn what_cannot_be_read_is_corrupt() {
    let store = Arc::new(MemoryStore::new());
    let (shelf, key) = (Shelf::Invitation, vec![0; 8]);
    let write = DocumentWrite { shelf, key, expected_version: Expected::Absent, body: Some(b"{}".to_vec()) };
    store.commit(Batch { documents: vec![write], ..Batch::default() }).await.expect("committed");
    let invitations = Invitations::new(store);
    let claimed = invitations.claim(InvitationNumber([0; 8]), structure(b"joiner"), NOW).await;
    assert!(matches!(claimed, Err(InvitationError::Corrupt)));
}
