//! Accounts, sessions, and tries to sign in, which slow down.

use silver_atlas::care::{Deed, Ground, Role, password};
use silver_atlas::registry::{Knock, NewAccount, NewToken, Registry, RegistryError, Try};
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

fn tried(name: &str, address: &str, browser: Option<&str>) -> Try {
    Try { name: name.into(), address: address.into(), browser: browser.map(str::to_owned) }
}

async fn knocked(registry: &Registry, name: &str, address: &str, browser: Option<&str>) -> Option<i64> {
    match registry.knock(tried(name, address, browser)).await.expect("an answer") {
        Knock::Try(_) => None,
        Knock::Wait(wait) => Some(wait.num_milliseconds()),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn guessing_slows_down_after_five_wrong_passwords_and_many_at_once_do_not_slip_through() {
    let test = TestDatabase::new().await;
    let tries = (0..8).map(|_| {
        let registry = test.registry.clone();
        tokio::spawn(async move { knocked(&registry, "li", "10.0.0.1", None).await })
    });
    let mut let_in = 0;
    for tried in tries.collect::<Vec<_>>() {
        let_in += usize::from(tried.await.expect("ran").is_none());
    }
    assert_eq!(let_in, 5);
    // Another way to write the name is the same name.
    let wait = knocked(&test.registry, "ＬＩ", "10.0.0.1", None).await.expect("too early");
    assert!((1..=5000).contains(&wait), "{wait}");
    // Other names behind the address, and the name elsewhere, are let in.
    assert_eq!(knocked(&test.registry, "wang", "10.0.0.1", None).await, None);
    let Knock::Try(counted) = test.registry.knock(tried("li", "10.0.0.2", None)).await.expect("an answer") else {
        panic!("five wrong ones elsewhere lock nobody");
    };
    test.registry.welcome(counted).await.expect("taken back");
    let kept = "SELECT coalesce(sum(failures), 0)::bigint FROM failed_sign_in WHERE subject LIKE 'address:10.0.0.2'";
    assert_eq!(test.sql().await.query_one(kept, &[]).await.expect("a number").get::<_, i64>(0), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recognised_browser_is_let_in_whatever_others_try() {
    let test = TestDatabase::new().await;
    let id = account(&test.registry, "admin", Role::Admin, vec![]).await;
    let other = account(&test.registry, "wang", Role::Planner, vec![]).await;
    let browser = test.registry.recognise_browser(id, None).await.expect("a secret");
    let sql = test.sql().await;
    // Much was tried from everywhere a moment ago.
    for at in 0..60 {
        knocked(&test.registry, "admin", &format!("10.0.1.{at}"), None).await;
    }
    assert!(knocked(&test.registry, "admin", "10.0.2.1", None).await.is_some(), "the name is slow for all others");
    assert_eq!(knocked(&test.registry, "Admin", "10.0.2.1", Some(&browser)).await, None);
    assert!(knocked(&test.registry, "admin", "10.0.2.1", Some("br_forged")).await.is_some());
    // It is known for its own account only, and guesses no faster than anybody.
    for _ in 0..4 {
        assert_eq!(knocked(&test.registry, "admin", "10.0.2.1", Some(&browser)).await, None);
    }
    assert!(knocked(&test.registry, "admin", "10.0.2.1", Some(&browser)).await.is_some_and(|wait| wait <= 5000));
    // Each sign-in gives it another secret, which stands for all its accounts.
    let second = test.registry.recognise_browser(other, Some(browser.clone())).await.expect("a secret");
    let known = |secret: &str| {
        let query = "SELECT count(*) FROM recognised_browser WHERE hash = sha256($1::text::bytea)";
        let (sql, secret) = (&sql, secret.to_owned());
        async move { sql.query_one(query, &[&secret]).await.expect("a number").get::<_, i64>(0) }
    };
    assert_eq!((known(&browser).await, known(&second).await), (0, 2));
    // With another password nothing is known of it any more.
    let hash = password::hash("another long password").expect("long enough");
    assert!(test.registry.set_password("admin", hash).await.expect("set"));
    assert_eq!(known(&second).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_look_the_same_are_one_account() {
    let test = TestDatabase::new().await;
    let id = account(&test.registry, "admin1", Role::Admin, vec![]).await;
    let add = |name: &str| {
        let new = NewAccount { name: name.into(), role: Role::Admin, region: None, facilities: vec![], password: None };
        test.registry.add_account(new)
    };
    for name in [
        "admin1",
        "Admin1",
        "ADMIN1 ",
        "admin1\u{202e}",
        "ａｄｍｉｎ１",
        "ad\u{200b}min1",
        "аdmin1",
        "admin¹",
        "αdmin1",
    ] {
        assert!(matches!(add(name).await, Err(RegistryError::Rule { .. })), "{name:?}");
        let alike = test.registry.account(name).await.expect("an answer").map(|(id, _)| id);
        assert_eq!(alike, Some(id), "and it is found by {name:?}");
    }
    add("Jos\u{e9}").await.expect("another name");
    assert!(add("Jose\u{301}").await.is_err());
    assert!(add(&"x".repeat(10_000)).await.is_err() && add("\u{200b}").await.is_err());
    assert_eq!(test.registry.accounts().await.expect("accounts").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_look_the_same_already_keep_their_accounts() {
    let test = TestDatabase::new().await;
    let sql = test.sql().await;
    sql.batch_execute(include_str!("../../migrations/2026-11-28-000020_recognised_browser/down.sql"))
        .await
        .expect("down");
    sql.batch_execute(
        "INSERT INTO account (id, name, role, made_at) VALUES
         (gen_random_uuid(), 'Admin1', 'admin', '2026-02-01'), (gen_random_uuid(), 'admin1', 'admin', '2026-01-01'),
         (gen_random_uuid(), 'ａｄｍｉｎ１', 'admin', '2026-03-01'), (gen_random_uuid(), 'wang', 'admin', now())",
    )
    .await
    .expect("as they were made once");
    sql.batch_execute(include_str!("../../migrations/2026-11-28-000020_recognised_browser/up.sql")).await.expect("up");
    let mut found = std::collections::BTreeSet::new();
    for name in ["Admin1", "admin1", "ａｄｍｉｎ１", "wang"] {
        found.extend(test.registry.account(name).await.expect("an answer").map(|(id, _)| id));
    }
    assert_eq!(found.len(), 4, "each is found by its own name");
    let oldest = test.registry.account("ADMIN1").await.expect("an answer").map(|(id, _)| id);
    assert_eq!(oldest, test.registry.account("admin1").await.expect("an answer").map(|(id, _)| id));
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
