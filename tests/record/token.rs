//! Tokens: the operator's first, and those that end.

use silver_atlas::registry::NewToken;

use crate::support::TestDatabase;

#[tokio::test(flavor = "multi_thread")]
async fn the_first_token_is_told_once_and_never_stored() {
    let test = TestDatabase::new().await;
    let (one, other) = tokio::join!(test.registry.first_token(), test.registry.first_token());
    let told: Vec<String> = [one, other].into_iter().filter_map(|answer| answer.expect("an answer")).collect();
    assert_eq!(told.len(), 1, "two servers that start at once make one token");
    assert_eq!(test.registry.first_token().await.expect("an answer"), None);
    assert_eq!(
        test.registry.token_holder(&told[0]).await.expect("an answer").map(|who| who.actor()),
        Some("operator".into())
    );
    assert_eq!(test.registry.token_holder("sa_guess").await.expect("unknown"), None);
    let row = test.sql().await.query_one("SELECT token::text FROM token", &[]).await.expect("a row");
    assert!(!row.get::<_, String>(0).contains(&told[0][3..]));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_opens_nothing() {
    let test = TestDatabase::new().await;
    let good = test.registry.make_token(NewToken::operators("王".into(), Some(90))).await.expect("a token");
    let spent = test.registry.make_token(NewToken::operators("李".into(), Some(-1))).await.expect("a token");
    assert_eq!(test.registry.token_holder(&good).await.expect("an answer").map(|who| who.name), Some("王".into()));
    assert_eq!(test.registry.token_holder(&spent).await.expect("an answer"), None);
}
