//! Every «no» of the accounts, over a memory store.

use super::integrations::{NewIntegration, Scope};
use super::sessions::{AGE_MAX, IDLE_MAX, OpenedBy, SESSIONS_PER_USER_MAX, Standing};
use super::tries::Address;
use super::*;
use crate::users::{Change, Role, Standing as UserStanding};
use relais_domain::time::Timestamp;
use relais_store::memory::MemoryStore;
use relais_store::rows::Shelf;
use secrecy::{ExposeSecret as _, SecretString};
use std::collections::BTreeSet;

const GOOD: &str = "cheval correct pile agrafe";
const OTHER: &str = "quatre autres mots faciles";

struct House {
    store: Arc<MemoryStore>,
    users: Users,
    clock: Clock,
    accounts: Accounts,
}

impl House {
    /// Claire, a counsellor, and Anne, the admin.
    async fn new() -> Self {
        let store = Arc::new(MemoryStore::new());
        let users = Users::new(Arc::clone(&store) as Arc<dyn Store>, Dice::system().unwrap());
        for (name, role) in [("claire", Role::Counsellor), ("anne", Role::Admin)] {
            users.add(User::new(name.to_owned(), [role].into(), None)).await.unwrap();
        }
        let clock = Clock::system();
        let accounts = Self::load(&store, &users, &clock).await;
        Self { store, users, clock, accounts }
    }

    async fn load(store: &Arc<MemoryStore>, users: &Users, clock: &Clock) -> Accounts {
        let store = Arc::clone(store) as Arc<dyn Store>;
        let (name, dice) = ("Emmaüs Connect".to_owned(), Dice::system().unwrap());
        Accounts::load(store, users.clone(), name, clock.clone(), dice).await.unwrap()
    }

    /// The node starts again.
    async fn restarted(self) -> Self {
        let accounts = Self::load(&self.store, &self.users, &self.clock).await;
        Self { accounts, ..self }
    }

    async fn account(&self, name: &str) -> Account {
        let (id, user) = self.users.named(name).await.unwrap().unwrap();
        Account { id, user }
    }

    async fn with_password() -> Self {
        let house = Self::new().await;
        let claire = house.account("claire").await;
        let set = house.accounts.set_password(claire, None, secret(""), secret(GOOD)).await.unwrap();
        assert!(set.is_none(), "a call without a session opens none");
        house
    }

    async fn sign_in(&self, name: &str, password: &str, code: &str) -> Result<Entered, AccountError> {
        // Tests try more often than people may.
        let accounts = Self::load(&self.store, &self.users, &self.clock).await;
        let entered = accounts.sign_in(asked(name, password, code), origin()).await;
        // The house's own accounts are those that hold sessions: take them up.
        if let Ok(Entered::Opened(opened)) = &entered {
            self.accounts.sessions.insert(opened.token.digest(), opened.session.clone());
        }
        entered
    }

    async fn signed_in(&self) -> Opened {
        opened(self.sign_in("claire", GOOD, "").await)
    }

    async fn link(&self, name: &str) -> Token {
        let anne = self.account("anne").await;
        self.accounts.create_link(anne.id, name, 0).await.unwrap().0
    }

    async fn use_link(&self, link: &Token) -> Result<Entered, AccountError> {
        self.accounts.sign_in_with_link(Some(link.clone()), &secret(""), origin()).await
    }

    fn later(&self, span: Span) {
        self.clock.shift(Span(self.clock.now().since(Clock::system().now()).0 + span.0));
    }

    async fn leaves(&self) -> u64 {
        self.store.ledger_size().await.unwrap()
    }

    async fn last_leaf(&self) -> Leaf {
        self.store.ledger_leaf(self.leaves().await - 1).await.unwrap().unwrap()
    }
}

fn secret(text: &str) -> SecretString {
    SecretString::from(text)
}

fn origin() -> Origin {
    Origin { address: Address::parse("").unwrap(), agent: "Firefox".to_owned(), borne: None }
}

fn asked(name: &str, password: &str, code: &str) -> SignIn {
    SignIn { name: name.to_owned(), password: secret(password), code: secret(code) }
}

fn opened(entered: Result<Entered, AccountError>) -> Opened {
    match entered {
        Ok(Entered::Opened(opened)) => *opened,
        other => panic!("no session was opened: {other:?}"),
    }
}

fn is_wrong(entered: &Result<Entered, AccountError>) -> bool {
    matches!(entered, Err(AccountError::WrongSignIn))
}

#[tokio::test]
async fn whoever_is_not_there_is_answered_like_a_wrong_password() {
    let house = House::with_password().await;
    let entered = house.signed_in().await;
    assert_eq!(entered.account.user.name, "claire");
    assert!(house.accounts.session(&entered.token).await.is_ok());
    let closed = Change { standing: Some(UserStanding::Closed), ..Change::default() };
    for (name, password) in [("claire", OTHER), ("nobody", GOOD), ("anne", GOOD), ("anne", ""), ("", "")] {
        assert!(is_wrong(&house.sign_in(name, password, "").await), "{name}");
    }
    house.accounts.change_user("claire", closed).await.unwrap();
    assert!(is_wrong(&house.sign_in("claire", GOOD, "").await), "a closed account");
    let failed: u64 = house.store.refusals().await.unwrap().iter().map(|count| count.count).sum();
    assert_eq!(failed, 6, "each is counted");
}

#[tokio::test]
async fn the_wrong_answer_takes_the_same_work_whoever_is_asked_for() {
    let house = House::with_password().await;
    let timed = async |name: &str| {
        let start = house.clock.now();
        assert!(is_wrong(&house.sign_in(name, OTHER, "").await));
        house.clock.now().since(start).0
    };
    let (mut there, mut not_there) = (Vec::new(), Vec::new());
    for _ in 0..5 {
        there.push(timed("claire").await);
        not_there.push(timed("nobody").await);
    }
    there.sort();
    not_there.sort();
    // The hash takes tens of milliseconds; leaving it out takes a hundredth of that.
    assert!(not_there[0] * 3 > there[2], "{there:?} {not_there:?}");
    assert!(there[0] * 3 > not_there[2], "{there:?} {not_there:?}");
}

#[tokio::test]
async fn the_sixth_try_of_a_minute_waits_whoever_is_asked_for() {
    let house = House::with_password().await;
    for name in ["claire", "nobody"] {
        for _ in 0..5 {
            assert!(is_wrong(&house.accounts.sign_in(asked(name, OTHER, ""), origin()).await));
        }
        let sixth = house.accounts.sign_in(asked(name, GOOD, ""), origin()).await;
        assert!(matches!(sixth, Err(AccountError::TooOften { .. })), "{name}: {sixth:?}");
    }
    assert!(
        opened(house.use_link(&house.link("claire").await).await).session.id.len() == 16,
        "a link gets in"
    );
}

#[tokio::test]
async fn one_address_cannot_go_through_the_names() {
    let house = House::new().await;
    let from = || Origin { address: Address::parse("192.0.2.7").unwrap(), ..origin() };
    let mut tried = 0;
    while house
        .accounts
        .sign_in_with_link(None, &secret(""), from())
        .await
        .is_err_and(|error| matches!(error, AccountError::WrongLink))
    {
        tried += 1;
    }
    assert_eq!(tried, 30);
    assert!(is_wrong(&house.accounts.sign_in(asked("anne", OTHER, ""), origin()).await), "another address");
}

#[tokio::test]
async fn failed_sign_ins_do_not_fill_the_ledger() {
    let house = House::with_password().await;
    let before = house.leaves().await;
    for _ in 0..4 {
        let _ = house.accounts.sign_in(asked("claire", OTHER, ""), origin()).await;
        let _ = house.accounts.sign_in(asked("nobody", OTHER, ""), origin()).await;
    }
    assert_eq!(house.leaves().await, before + 1);
    assert_eq!(house.last_leaf().await.kind, LeafKind::AccessRefused);
    let claire = house.account("claire").await;
    for _ in 0..10 {
        house.accounts.note_refused(claire.id, "ShowThread").await;
    }
    house.accounts.note_refused(claire.id, "Act").await;
    assert_eq!(house.leaves().await, before + 3, "one a door");
}

#[tokio::test]
async fn a_link_works_once_and_sets_the_first_password() {
    let house = House::new().await;
    let link = house.link("claire").await;
    let first = opened(house.use_link(&link).await);
    assert_eq!(first.session.standing, Standing::PasswordNeeded);
    assert_eq!(first.session.opened_by, OpenedBy::Link);
    assert!(matches!(house.use_link(&link).await, Err(AccountError::WrongLink)), "a replay");
    let set =
        house.accounts.set_password(first.account, Some(&first.session), secret(""), secret(GOOD)).await;
    let next = set.unwrap().unwrap();
    assert_eq!(next.session.standing, Standing::Whole);
    assert!(
        matches!(house.accounts.session(&first.token).await, Err(AccountError::Over)),
        "the token is fresh"
    );
    assert!(house.accounts.session(&next.token).await.is_ok());
    assert!(matches!(house.sign_in("claire", GOOD, "").await, Ok(Entered::Opened(_))));
}

#[tokio::test]
async fn a_link_to_an_account_with_a_password_opens_nothing_until_the_password_is_set_anew() {
    let house = House::with_password().await;
    let own = house.signed_in().await;
    let entered = opened(house.use_link(&house.link("claire").await).await);
    assert_eq!(
        entered.session.standing,
        Standing::PasswordNeeded,
        "not as claire while claire knows nothing"
    );
    let (account, session) = (entered.account.clone(), Some(&entered.session));
    let set = house.accounts.set_password(account, session, secret(""), secret(OTHER)).await;
    assert_eq!(set.unwrap().unwrap().session.standing, Standing::Whole);
    assert!(is_wrong(&house.sign_in("claire", GOOD, "").await), "its owner notices");
    assert!(matches!(house.accounts.session(&own.token).await, Err(AccountError::Over)));
}

#[tokio::test]
async fn two_who_use_one_link_at_once_get_one_session() {
    let house = House::new().await;
    let link = house.link("claire").await;
    let (one, two) = tokio::join!(house.use_link(&link), house.use_link(&link));
    assert!(one.is_ok() != two.is_ok(), "{one:?} {two:?}");
}

#[tokio::test]
async fn a_new_link_voids_the_former_and_a_day_voids_any() {
    let house = House::new().await;
    let former = house.link("claire").await;
    let link = house.link("claire").await;
    assert!(matches!(house.use_link(&former).await, Err(AccountError::WrongLink)));
    house.later(Span(Span::hours(24).0));
    assert!(matches!(house.use_link(&link).await, Err(AccountError::WrongLink)), "expired");
    let anne = house.account("anne").await;
    assert!(matches!(house.accounts.create_link(anne.id, "claire", 73).await, Err(AccountError::Field(..))));
    assert!(matches!(house.accounts.create_link(anne.id, "nobody", 1).await, Err(AccountError::NotThere)));
    assert!(matches!(
        house.accounts.sign_in_with_link(None, &secret(""), origin()).await,
        Err(AccountError::WrongLink)
    ));
}

#[tokio::test]
async fn a_link_dies_with_a_new_password_and_with_the_account() {
    let house = House::with_password().await;
    let link = house.link("claire").await;
    let claire = house.account("claire").await;
    house.accounts.set_password(claire, None, secret(GOOD), secret(OTHER)).await.unwrap();
    assert!(matches!(house.use_link(&link).await, Err(AccountError::WrongLink)));
    let link = house.link("claire").await;
    let standing = |standing| Change { standing: Some(standing), ..Change::default() };
    house.accounts.change_user("claire", standing(UserStanding::Closed)).await.unwrap();
    assert!(matches!(house.use_link(&link).await, Err(AccountError::WrongLink)));
    let anne = house.account("anne").await;
    assert!(matches!(house.accounts.create_link(anne.id, "claire", 1).await, Err(AccountError::NotThere)));
    house.accounts.change_user("claire", standing(UserStanding::Open)).await.unwrap();
    assert!(matches!(house.use_link(&link).await, Err(AccountError::WrongLink)), "it does not come back");
}

#[tokio::test]
async fn a_password_is_changed_by_whoever_knows_it_and_ends_every_other_session() {
    let house = House::with_password().await;
    let (thief, own) = (house.signed_in().await, house.signed_in().await);
    let set = async |current: &str, new: &str| {
        let (account, session) = (own.account.clone(), Some(&own.session));
        house.accounts.set_password(account, session, secret(current), secret(new)).await
    };
    assert!(matches!(set("", OTHER).await, Err(AccountError::WrongPassword)));
    assert!(matches!(set(OTHER, OTHER).await, Err(AccountError::WrongPassword)));
    for (weak, why) in
        [("court", Weak::Short), ("motdepasse2026!", Weak::Common), ("emmaus-claire-26", Weak::Names)]
    {
        assert!(matches!(set(GOOD, weak).await, Err(AccountError::Weak(found)) if found == why), "{weak}");
    }
    assert!(house.accounts.session(&thief.token).await.is_ok(), "nothing has happened yet");
    let next = set(GOOD, OTHER).await.unwrap().unwrap();
    for former in [&thief.token, &own.token] {
        assert!(matches!(house.accounts.session(former).await, Err(AccountError::Over)));
    }
    assert!(house.accounts.session(&next.token).await.is_ok());
    assert!(is_wrong(&house.sign_in("claire", GOOD, "").await));
    assert!(matches!(set(OTHER, GOOD).await, Err(AccountError::Over)), "a session that ended sets nothing");
}

#[tokio::test]
async fn what_was_proven_before_a_new_password_opens_nothing_after() {
    let house = House::with_password().await;
    let late = async |meanwhile: &str| {
        let (account, read) = house.accounts.known("claire").await.unwrap();
        let account = account.unwrap();
        match meanwhile {
            "password" => {
                let set =
                    house.accounts.set_password(account.clone(), None, secret(GOOD), secret(OTHER)).await;
                set.unwrap();
            }
            _ => {
                let closed = Change { standing: Some(UserStanding::Closed), ..Change::default() };
                house.accounts.change_user("claire", closed).await.unwrap();
            }
        }
        let proven = sign_in::Proven { account, read, changed: sign_in::Changed::No };
        let opening = sessions::Opening {
            agent: String::new(),
            opened_by: OpenedBy::Password,
            standing: Standing::Whole,
        };
        house.accounts.open(proven, opening, None, Act::SignedIn).await
    };
    for meanwhile in ["password", "closed"] {
        assert!(is_wrong(&late(meanwhile).await), "{meanwhile}");
    }
}

#[tokio::test]
async fn guessing_the_present_password_from_a_stolen_session_is_counted() {
    let house = House::with_password().await;
    let stolen = house.signed_in().await;
    let guess = async || {
        let (account, session) = (stolen.account.clone(), Some(&stolen.session));
        house.accounts.set_password(account, session, secret("un mot au hasard"), secret(OTHER)).await
    };
    for _ in 0..5 {
        assert!(matches!(guess().await, Err(AccountError::WrongPassword)));
    }
    assert!(matches!(guess().await, Err(AccountError::TooOften { .. })));
}

#[tokio::test]
async fn what_was_borne_before_signing_in_is_worth_nothing_after() {
    let house = House::with_password().await;
    let planted = house.signed_in().await;
    let from = Origin { borne: Some(planted.token.clone()), ..origin() };
    let own = opened(house.accounts.sign_in(asked("claire", GOOD, ""), from).await);
    assert_ne!(own.token.expose(), planted.token.expose());
    assert!(matches!(house.accounts.session(&planted.token).await, Err(AccountError::Over)));
    let invented = Token::draw(&Dice::system().unwrap());
    let from = Origin { borne: Some(invented.clone()), ..origin() };
    opened(house.accounts.sign_in(asked("claire", GOOD, ""), from).await);
    assert!(matches!(house.accounts.session(&invented).await, Err(AccountError::Over)), "never taken up");
}

#[tokio::test]
async fn a_session_ends_unused_and_ends_at_the_end_of_the_day() {
    let house = House::with_password().await;
    let idle = house.signed_in().await;
    house.later(Span(IDLE_MAX.0 - 1_000));
    assert!(house.accounts.session(&idle.token).await.is_ok(), "just used");
    house.later(Span(IDLE_MAX.0 + 1));
    assert!(matches!(house.accounts.session(&idle.token).await, Err(AccountError::Over)));
    let busy = house.signed_in().await;
    let mut held = Span::ZERO;
    while house.accounts.session(&busy.token).await.is_ok() {
        house.later(Span::minutes(20));
        held = Span(held.0 + Span::minutes(20).0);
    }
    assert_eq!(held, AGE_MAX);
}

#[tokio::test]
async fn sessions_survive_a_start_and_ended_ones_do_not_come_back() {
    let house = House::with_password().await;
    let (kept, ended) = (house.signed_in().await, house.signed_in().await);
    house.later(Span::minutes(29));
    house.accounts.session(&kept.token).await.unwrap();
    house.accounts.sign_out(&ended.session).await.unwrap();
    assert!(matches!(house.accounts.session(&ended.token).await, Err(AccountError::Over)));
    house.later(Span::minutes(29));
    let house = house.restarted().await;
    assert!(house.accounts.session(&kept.token).await.is_ok(), "its last use was written");
    assert!(matches!(house.accounts.session(&ended.token).await, Err(AccountError::Over)));
    // A use that is noted late brings nothing back.
    house.accounts.note_session(ended.token.digest()).await;
    assert!(house.store.document(Shelf::Session, ended.token.digest().as_bytes()).await.unwrap().is_none());
}

#[tokio::test]
async fn the_twenty_first_session_ends_the_oldest() {
    let house = House::with_password().await;
    let claire = house.account("claire").await;
    let mut tokens = Vec::new();
    for _ in 0..=SESSIONS_PER_USER_MAX {
        house.later(Span::seconds(1));
        let link = house.link("claire").await;
        // Links are counted by address alone: a fresh address each.
        let address = Address::parse(&format!("192.0.2.{}", tokens.len())).unwrap();
        let entered =
            house.accounts.sign_in_with_link(Some(link), &secret(""), Origin { address, ..origin() }).await;
        tokens.push(opened(entered).token);
    }
    assert_eq!(house.accounts.show(claire.id).await.unwrap().sessions.len(), SESSIONS_PER_USER_MAX);
    assert!(matches!(house.accounts.session(&tokens[0]).await, Err(AccountError::Over)));
    assert!(house.accounts.session(&tokens[1]).await.is_ok());
}

#[tokio::test]
async fn one_revokes_ones_own_sessions_and_no_other() {
    let house = House::with_password().await;
    let (lost, own) = (house.signed_in().await, house.signed_in().await);
    let anne = house.account("anne").await;
    let revoke = |account, which: Vec<u8>| {
        let (accounts, current) = (&house.accounts, &own.session);
        async move { accounts.revoke_sessions(&account, &which, Some(current)).await }
    };
    let anothers = revoke(anne, lost.session.id.to_vec()).await;
    assert!(matches!(anothers, Err(AccountError::NotThere)), "not hers");
    let claire = own.account.clone();
    assert!(matches!(revoke(claire.clone(), vec![7; 16]).await, Err(AccountError::NotThere)));
    revoke(claire.clone(), lost.session.id.to_vec()).await.unwrap();
    assert!(matches!(house.accounts.session(&lost.token).await, Err(AccountError::Over)));
    let third = house.signed_in().await;
    revoke(claire, Vec::new()).await.unwrap();
    assert!(matches!(house.accounts.session(&third.token).await, Err(AccountError::Over)));
    assert!(house.accounts.session(&own.token).await.is_ok(), "the session of the call stays");
}

/// The code of now, for the authenticator that the node was told of.
async fn code(house: &House) -> String {
    let claire = house.account("claire").await;
    let read = house.accounts.credential(claire.id).await.unwrap();
    let begun = read.credential.totp_begun.clone();
    let secret = begun.or(read.credential.totp.map(|totp| totp.secret)).unwrap();
    totp::shown(secret.expose(), house.clock.now())
}

async fn with_totp() -> House {
    let house = House::with_password().await;
    let claire = house.account("claire").await;
    let told = house.accounts.begin_totp(&claire, secret(GOOD)).await.unwrap();
    assert_eq!(told.secret.expose_secret().len(), 32);
    let code = code(&house).await;
    house.accounts.confirm_totp(&claire, &secret(&code)).await.unwrap();
    assert!(house.accounts.show(claire.id).await.unwrap().has_totp);
    house
}

#[tokio::test]
async fn an_authenticator_counts_once_it_was_seen_to_work() {
    let house = House::new().await;
    let claire = house.account("claire").await;
    assert!(matches!(
        house.accounts.begin_totp(&claire, secret(GOOD)).await,
        Err(AccountError::PasswordNeeded)
    ));
    let house = House::with_password().await;
    let claire = house.account("claire").await;
    let early = house.accounts.confirm_totp(&claire, &secret("123456")).await;
    assert!(matches!(early, Err(AccountError::NoAuthenticator)));
    house.accounts.begin_totp(&claire, secret(GOOD)).await.unwrap();
    let right = code(&house).await;
    let wrong = if right == "000000" { "000001" } else { "000000" };
    assert!(matches!(
        house.accounts.confirm_totp(&claire, &secret(wrong)).await,
        Err(AccountError::WrongCode)
    ));
    assert!(
        matches!(house.sign_in("claire", GOOD, "").await, Ok(Entered::Opened(_))),
        "it does not count yet"
    );
    house.accounts.confirm_totp(&claire, &secret(&right)).await.unwrap();
    assert!(matches!(house.sign_in("claire", GOOD, "").await, Ok(Entered::CodeNeeded)));
    assert!(matches!(
        house.accounts.begin_totp(&claire, secret(GOOD)).await,
        Err(AccountError::HasAuthenticator)
    ));
}

#[tokio::test]
async fn a_stolen_session_sets_up_no_authenticator() {
    let house = House::with_password().await;
    let claire = house.account("claire").await;
    for wrong in ["", OTHER] {
        let begun = house.accounts.begin_totp(&claire, secret(wrong)).await;
        assert!(matches!(begun, Err(AccountError::WrongPassword)), "{begun:?}");
    }
    let early = house.accounts.confirm_totp(&claire, &secret("123456")).await;
    assert!(matches!(early, Err(AccountError::NoAuthenticator)), "nothing was begun");
    for _ in 0..3 {
        let _ = house.accounts.begin_totp(&claire, secret(OTHER)).await;
    }
    let guessed = house.accounts.begin_totp(&claire, secret(GOOD)).await;
    assert!(matches!(guessed, Err(AccountError::TooOften { .. })), "guessing is counted");
}

#[tokio::test]
async fn a_code_opens_one_session_and_the_link_does_not_pass_it_by() {
    let house = with_totp().await;
    let used = code(&house).await;
    let replayed = house.sign_in("claire", GOOD, &used).await;
    assert!(matches!(replayed, Err(AccountError::WrongCode)), "used to confirm");
    house.later(Span::seconds(30));
    let next = code(&house).await;
    assert!(is_wrong(&house.sign_in("claire", OTHER, &next).await), "the code alone is nothing");
    opened(house.sign_in("claire", GOOD, &next).await);
    assert!(matches!(house.sign_in("claire", GOOD, &next).await, Err(AccountError::WrongCode)), "a replay");
    let link = house.link("claire").await;
    assert!(matches!(house.use_link(&link).await, Ok(Entered::CodeNeeded)));
    house.later(Span::seconds(30));
    let next = code(&house).await;
    let entered = house.accounts.sign_in_with_link(Some(link.clone()), &secret(&next), origin()).await;
    assert_eq!(opened(entered).session.opened_by, OpenedBy::Link);
    house.later(Span::seconds(30));
    let next = code(&house).await;
    let again = house.accounts.sign_in_with_link(Some(link), &secret(&next), origin()).await;
    assert!(matches!(again, Err(AccountError::WrongLink)));
}

#[tokio::test]
async fn two_who_use_one_code_at_once_get_one_session() {
    let house = with_totp().await;
    house.later(Span::seconds(30));
    let code = code(&house).await;
    let try_once = || house.accounts.sign_in(asked("claire", GOOD, &code), origin());
    let (one, two) = tokio::join!(try_once(), try_once());
    let opened = [&one, &two].into_iter().filter(|entered| matches!(entered, Ok(Entered::Opened(_)))).count();
    assert_eq!(opened, 1, "{one:?} {two:?}");
}

#[tokio::test]
async fn whoever_has_the_password_cannot_go_through_the_codes() {
    let house = with_totp().await;
    let link = house.link("claire").await;
    let mut wrong = 0;
    loop {
        let from = Origin { address: Address::parse(&format!("192.0.2.{wrong}")).unwrap(), ..origin() };
        match house.accounts.sign_in_with_link(Some(link.clone()), &secret("x"), from).await {
            Err(AccountError::WrongCode) => wrong += 1,
            Err(AccountError::TooOften { .. }) => break,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!(wrong, 19, "one of twenty was spent to confirm");
}

#[tokio::test]
async fn an_authenticator_is_removed_with_the_password_or_by_an_admin() {
    let house = with_totp().await;
    let (claire, anne) = (house.account("claire").await, house.account("anne").await);
    let removed = house.accounts.remove_own_totp(&claire, secret(OTHER)).await;
    assert!(matches!(removed, Err(AccountError::WrongPassword)));
    assert!(matches!(house.sign_in("claire", GOOD, "").await, Ok(Entered::CodeNeeded)));
    house.accounts.remove_own_totp(&claire, secret(GOOD)).await.unwrap();
    assert!(matches!(house.sign_in("claire", GOOD, "").await, Ok(Entered::Opened(_))));
    let house = with_totp().await;
    assert!(matches!(house.accounts.remove_totp_of(&anne, "nobody").await, Err(AccountError::NotThere)));
    house.accounts.remove_totp_of(&anne, "claire").await.unwrap();
    assert!(matches!(house.sign_in("claire", GOOD, "").await, Ok(Entered::Opened(_))));
}

#[tokio::test]
async fn closing_an_account_ends_all_that_speaks_for_it() {
    let house = House::with_password().await;
    let session = house.signed_in().await;
    let anne = house.account("anne").await;
    let made = house.accounts.create_integration(&anne, new("Logiciel")).await.unwrap();
    assert!(house.accounts.integration(&made.token).await.is_ok());
    let standing = |standing| Change { standing: Some(standing), ..Change::default() };
    let user = house.accounts.change_user("claire", standing(UserStanding::Closed)).await.unwrap();
    assert!(!user.is_open());
    for house in [house.restarted().await] {
        assert!(matches!(house.accounts.session(&session.token).await, Err(AccountError::Over)));
        assert!(matches!(house.accounts.integration(&made.token).await, Err(AccountError::Over)));
        house.accounts.change_user("claire", standing(UserStanding::Open)).await.unwrap();
        assert!(matches!(house.accounts.session(&session.token).await, Err(AccountError::Over)));
        assert!(matches!(house.accounts.integration(&made.token).await, Err(AccountError::Over)));
    }
}

#[tokio::test]
async fn the_last_admin_stays() {
    let house = House::new().await;
    let roles = |roles: &[Role]| Change { roles: Some(roles.iter().copied().collect()), ..Change::default() };
    let closed = || Change { standing: Some(UserStanding::Closed), ..Change::default() };
    let last = |changed: Result<User, AccountError>| {
        matches!(changed, Err(AccountError::User(UserError::LastAdmin)))
    };
    assert!(last(house.accounts.change_user("anne", closed()).await));
    assert!(last(house.accounts.change_user("anne", roles(&[Role::Auditor])).await));
    house.accounts.change_user("claire", roles(&[Role::Admin, Role::Counsellor])).await.unwrap();
    let (one, two) = tokio::join!(
        house.accounts.change_user("anne", closed()),
        house.accounts.change_user("claire", roles(&[Role::Counsellor]))
    );
    assert!(one.is_ok() && last(two), "one of two stays, whoever is faster");
    let nobody = house.accounts.change_user("nobody", closed()).await;
    assert!(matches!(nobody, Err(AccountError::NotThere)));
    let none = house.accounts.change_user("claire", roles(&[])).await;
    assert!(matches!(none, Err(AccountError::User(UserError::NoRole))));
}

fn new(name: &str) -> NewIntegration {
    NewIntegration {
        name: name.to_owned(),
        scopes: [Scope::FlowsRead].into(),
        user: "claire".to_owned(),
        validity_days: 0,
    }
}

#[tokio::test]
async fn an_integration_is_its_users_role_and_no_more() {
    let house = House::new().await;
    let anne = house.account("anne").await;
    let made = house.accounts.create_integration(&anne, new("Logiciel")).await.unwrap();
    let (account, one) = house.accounts.integration(&made.token).await.unwrap();
    assert_eq!((account.user.name.as_str(), one.scopes), ("claire", [Scope::FlowsRead].into()));
    let demoted = Change { roles: Some([Role::Auditor].into()), ..Change::default() };
    house.accounts.change_user("claire", demoted).await.unwrap();
    let (account, _) = house.accounts.integration(&made.token).await.unwrap();
    assert_eq!(account.user.roles, [Role::Auditor].into(), "roles are read at each call");
    let house = house.restarted().await;
    assert!(house.accounts.integration(&made.token).await.is_ok());
    house.later(Span(Span::days(90).0));
    assert!(matches!(house.accounts.integration(&made.token).await, Err(AccountError::Over)), "expired");
}

#[tokio::test]
async fn nobody_is_given_a_key_to_anothers_threads() {
    let house = House::new().await;
    let (claire, anne) = (house.account("claire").await, house.account("anne").await);
    for scope in [Scope::ThreadsList, Scope::ThreadsRead] {
        let asked = || NewIntegration { scopes: [scope, Scope::FlowsRead].into(), ..new("Logiciel") };
        let by_admin = house.accounts.create_integration(&anne, asked()).await;
        assert!(
            matches!(&by_admin, Err(AccountError::Field("user", why)) if why.contains("makes it themselves")),
            "{by_admin:?}"
        );
        let made = house.accounts.create_integration(&claire, asked()).await.unwrap();
        house.accounts.revoke_integration(&anne, &made.id).await.unwrap();
    }
    let own = NewIntegration { user: String::new(), scopes: [Scope::ThreadsRead].into(), ..new("Agenda") };
    let made = house.accounts.create_integration(&claire, own).await.unwrap();
    assert_eq!(made.integration.user(), claire.id, "nobody named is oneself");
}

#[tokio::test]
async fn an_integration_is_revoked_at_once_and_for_good() {
    let house = House::new().await;
    let anne = house.account("anne").await;
    let made = house.accounts.create_integration(&anne, new("Logiciel")).await.unwrap();
    assert!(matches!(house.accounts.revoke_integration(&anne, &[7; 16]).await, Err(AccountError::NotThere)));
    assert!(matches!(house.accounts.revoke_integration(&anne, &[7]).await, Err(AccountError::NotThere)));
    house.accounts.revoke_integration(&anne, &made.id).await.unwrap();
    assert!(matches!(house.accounts.integration(&made.token).await, Err(AccountError::Over)));
    house.accounts.note_integration(made.id).await;
    let house = house.restarted().await;
    assert!(matches!(house.accounts.integration(&made.token).await, Err(AccountError::Over)));
    assert!(house.accounts.list_integrations().await.unwrap().is_empty());
}

#[tokio::test]
async fn integrations_are_named_bound_and_limited() {
    let house = House::new().await;
    let anne = house.account("anne").await;
    let made = async |asked| house.accounts.create_integration(&anne, asked).await.map(|made| made.id);
    let field = |made: Result<[u8; 16], AccountError>| match made {
        Err(AccountError::Field(field, _)) => field,
        other => panic!("{other:?}"),
    };
    assert_eq!(field(made(new(" ")).await), "name");
    assert_eq!(field(made(new(&"x".repeat(61))).await), "name");
    assert_eq!(field(made(NewIntegration { scopes: BTreeSet::new(), ..new("a") }).await), "scopes");
    let act = [Scope::ThreadsAct].into();
    assert_eq!(field(made(NewIntegration { scopes: act, ..new("a") }).await), "scopes");
    assert_eq!(field(made(NewIntegration { user: "nobody".to_owned(), ..new("a") }).await), "user");
    assert_eq!(field(made(NewIntegration { validity_days: 367, ..new("a") }).await), "validity_days");
    for number in 0..integrations::INTEGRATIONS_MAX {
        made(new(&number.to_string())).await.unwrap();
    }
    assert_eq!(field(made(new("0")).await), "name", "taken");
    assert!(matches!(made(new("one more")).await, Err(AccountError::TooMany(_))));
}

#[tokio::test]
async fn every_act_is_a_leaf() {
    let house = House::with_password().await;
    let (claire, anne) = (house.account("claire").await, house.account("anne").await);
    let mut last = house.leaves().await;
    let mut grew = async |what: &str| {
        let now = house.leaves().await;
        assert_eq!(now, last + 1, "{what}");
        assert_eq!(house.last_leaf().await.kind, LeafKind::Administrative, "{what}");
        last = now;
    };
    let session = house.signed_in().await;
    grew("signed in").await;
    house.accounts.sign_out(&session.session).await.unwrap();
    grew("signed out").await;
    let link = house.link("claire").await;
    grew("link made").await;
    let session = opened(house.use_link(&link).await);
    grew("link used").await;
    let set =
        house.accounts.set_password(claire.clone(), Some(&session.session), secret(""), secret(OTHER)).await;
    set.unwrap();
    grew("password set").await;
    house.accounts.begin_totp(&claire, secret(OTHER)).await.unwrap();
    let code = code(&house).await;
    house.accounts.confirm_totp(&claire, &secret(&code)).await.unwrap();
    grew("authenticator set").await;
    house.accounts.remove_totp_of(&anne, "claire").await.unwrap();
    grew("authenticator removed").await;
    let made = house.accounts.create_integration(&anne, new("Logiciel")).await.unwrap();
    grew("integration made").await;
    house.accounts.revoke_integration(&anne, &made.id).await.unwrap();
    grew("integration revoked").await;
    let roles = Change { roles: Some([Role::Coordinator].into()), ..Change::default() };
    house.accounts.change_user("claire", roles).await.unwrap();
    grew("roles changed").await;
    let closed = Change { standing: Some(UserStanding::Closed), ..Change::default() };
    house.accounts.change_user("claire", closed).await.unwrap();
    grew("closed").await;
}

#[tokio::test]
async fn nothing_secret_is_printed_or_kept_in_the_open() {
    let house = with_totp().await;
    let anne = house.account("anne").await;
    let link = house.link("claire").await;
    let made = house.accounts.create_integration(&anne, new("Logiciel")).await.unwrap();
    house.later(Span::seconds(30));
    let code = code(&house).await;
    let entered = house.sign_in("claire", GOOD, &code).await;
    let claire = house.account("claire").await;
    let read = house.accounts.credential(claire.id).await.unwrap();
    let printed =
        format!("{entered:?} {made:?} {link:?} {read:?} {:?} {:?}", house.accounts, asked("a", GOOD, &code));
    let opened = opened(entered);
    for token in [&opened.token, &link, &made.token] {
        let (bytes, text) = (format!("{:?}", token.expose()), token.text());
        assert!(!printed.contains(bytes.trim_matches(['[', ']'])), "{printed}");
        assert!(!printed.contains(text.expose_secret()));
        for shelf in [Shelf::Session, Shelf::Integration, Shelf::User] {
            for document in house.store.documents(shelf, &[]).await.unwrap() {
                let holds = |hay: &[u8]| hay.windows(32).any(|window| window == token.expose());
                assert!(!holds(&document.body) && !holds(&document.key));
            }
        }
    }
    assert!(!printed.contains(GOOD) && !printed.contains(&code));
    let secret = read.credential.totp.unwrap().secret;
    assert!(!printed.contains(format!("{:?}", secret.expose()).trim_matches(['[', ']'])));
    assert!(Shelf::Credential.is_personal(), "sealed at rest");
}

#[test]
fn an_agent_is_cut_and_cleaned() {
    let opening = sessions::Opening {
        agent: format!("a\u{7}b\n{}", "é".repeat(200)),
        opened_by: OpenedBy::Password,
        standing: Standing::Whole,
    };
    let id = ProfessionalId::from_random([1; 16]);
    let session = Session::new([2; 16], id, opening, Timestamp(0));
    assert!(session.agent.starts_with("abé") && session.agent.len() <= sessions::AGENT_BYTES_MAX);
    assert_eq!(session.user(), id);
}
