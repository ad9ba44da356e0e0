//! Accounts, sessions and the door that slows down.

use silver_atlas::care::{Deed, Ground, Role, password};
use silver_atlas::registry::{NewAccount, NewToken, Registry, RegistryError};
use uuid::Uuid;

use crate::sample;
use crate::support::TestDatabase;

async fn account(registry: &Registry, name: &str, role: Role, facilities: Vec<Uuid>) -> Uuid {
    let region = (role == Role::Bureau).then(|| "3213".into());
    let password = Some(password::hash("a long password").expect("long enough"));
    registry
        .add_account(NewAccount { name: name.into(), role, region, facilities, password })
        .await
        .expect("an account")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_knows_its_account_until_it_is_ended() {
    let test = TestDatabase::new().await;
    let home = sample::settle(&test.registry).await;
    let id = account(&test.registry, "li", Role::Manager, vec![home.id]).await;
    let (known, hash) = test.registry.account("li").await.expect("an answer").expect("known");
    assert_eq!(known, id);
    assert!(password::matches(hash.as_deref(), "a long password"));
    let one = test.registry.begin_session(id, None).await.expect("a session");
    let other = test.registry.begin_session(id, Some(one.clone())).await.expect("a session");
    assert_eq!(test.registry.session_holder(&one).await.expect("an answer"), None, "signing in makes a new secret");
    let who = test.registry.session_holder(&other).await.expect("an answer").expect("signed in");
    assert_eq!((who.role, &who.facilities, &*who.actor()), (Role::Manager, &vec![home.id], "manager:li"));
    let third = test.registry.begin_session(id, None).await.expect("a session");
    assert_eq!(test.registry.end_sessions(id).await.expect("ended"), 2);
    for secret in [&other, &third] {
        assert_eq!(test.registry.session_holder(secret).await.expect("an answer"), None);
    }
    assert_eq!(test.registry.session_holder("ss_forged").await.expect("an answer"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_password_ends_the_sessions_that_the_old_one_opened() {
    let test = TestDatabase::new().await;
    let id = account(&test.registry, "admin", Role::Admin, vec![]).await;
    let secret = test.registry.begin_session(id, None).await.expect("a session");
    let hash = password::hash("another long password").expect("long enough");
    assert!(test.registry.set_password("admin", hash).await.expect("set"));
    assert_eq!(test.registry.session_holder(&secret).await.expect("an answer"), None);
    let (_, hash) = test.registry.account("admin").await.expect("an answer").expect("known");
    assert!(password::matches(hash.as_deref(), "another long password"));
    assert!(!test.registry.set_password("nobody", String::new()).await.expect("an answer"), "there is none");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_idle_session_and_an_old_one_have_ended() {
    let test = TestDatabase::new().await;
    let id = account(&test.registry, "admin", Role::Admin, vec![]).await;
    for column in ["seen_at = now() - interval '13 hours'", "began_at = now() - interval '8 days'"] {
        let secret = test.registry.begin_session(id, None).await.expect("a session");
        assert!(test.registry.session_holder(&secret).await.expect("an answer").is_some());
        test.sql().await.batch_execute(&format!("UPDATE session SET {column}")).await.expect("aged");
        assert_eq!(test.registry.session_holder(&secret).await.expect("an answer"), None, "{column}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_closed_account_has_no_session_and_no_token() {
    let test = TestDatabase::new().await;
    let id = account(&test.registry, "admin", Role::Admin, vec![]).await;
    let secret = test.registry.begin_session(id, None).await.expect("a session");
    let new = NewToken { account: Some(id), role: Role::Admin, ..NewToken::operators("admin".into(), None) };
    let token = test.registry.make_token(new).await.expect("a token");
    assert_eq!(test.registry.token_holder(&token).await.expect("known").map(|who| who.role), Some(Role::Admin));
    assert!(test.registry.close_account("admin").await.expect("closed"));
    assert_eq!(test.registry.session_holder(&secret).await.expect("an answer"), None);
    assert_eq!(test.registry.token_holder(&token).await.expect("an answer"), None);
    assert!(test.registry.account("admin").await.expect("an answer").is_none());
    assert!(!test.registry.close_account("admin").await.expect("nothing to close"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_may_no_more_than_its_account_and_its_scope() {
    let test = TestDatabase::new().await;
    let home = sample::settle(&test.registry).await;
    let id = account(&test.registry, "bureau", Role::Bureau, vec![]).await;
    let new = NewToken {
        account: Some(id),
        role: Role::Bureau,
        only_reads: true,
        ..NewToken::operators("bureau".into(), Some(1))
    };
    let token = test.registry.make_token(new).await.expect("a token");
    let who = test.registry.token_holder(&token).await.expect("an answer").expect("known");
    let ground = Ground { facility: Some(home.id), regions: vec!["3213".into()] };
    assert!(who.may(Deed::Look, &ground) && !who.may(Deed::Register, &ground));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_door_slows_down_after_five_wrong_passwords_and_many_at_once_do_not_slip_through() {
    let test = TestDatabase::new().await;
    let subjects = || vec!["account:li".to_owned(), "address:10.0.0.1".to_owned()];
    let tries = (0..8).map(|_| {
        let registry = test.registry.clone();
        tokio::spawn(async move { registry.knock(subjects()).await.expect("an answer") })
    });
    let mut let_in = 0;
    for tried in tries.collect::<Vec<_>>() {
        let_in += usize::from(tried.await.expect("ran").is_none());
    }
    assert_eq!(let_in, 5);
    let wait = test.registry.knock(subjects()).await.expect("an answer").expect("too early");
    assert!((1..=5).contains(&wait.num_seconds()), "{wait}");
    assert!(test.registry.knock(vec!["account:wang".to_owned()]).await.expect("an answer").is_none());
    test.registry.welcome(subjects()).await.expect("forgotten");
    assert!(test.registry.knock(subjects()).await.expect("an answer").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_manager_without_a_facility_and_a_second_of_one_name_are_refused() {
    let test = TestDatabase::new().await;
    let home = sample::settle(&test.registry).await;
    let add = |name: &str, facilities: Vec<Uuid>| {
        let new = NewAccount { name: name.into(), role: Role::Manager, region: None, facilities, password: None };
        test.registry.add_account(new)
    };
    let refused = |answer: Result<Uuid, RegistryError>| match answer {
        Err(RegistryError::Rule { detail, .. }) => detail,
        other => panic!("refused: {other:?}"),
    };
    assert!(refused(add("li", vec![]).await).contains("needs a facility"));
    assert!(refused(add("li", vec![Uuid::nil()]).await).contains("no facility"));
    add("li", vec![home.id]).await.expect("an account");
    assert!(refused(add("li", vec![home.id]).await).contains("taken"));
}
