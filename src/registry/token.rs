//! Tokens of those who may write. What is kept is a hash: who reads the table cannot write with what stands there.

use chrono::{DateTime, Duration, Utc};
use diesel::prelude::*;
use diesel_async::{AsyncConnection, RunQueryDsl};
use sha2::{Digest, Sha256};

use super::RegistryError;
use super::line::Pooled;
use super::schema::token;
use crate::care::Text;

/// The role, and the name, of whoever runs the service.
pub const OPERATOR: &str = "operator";
/// How long a token is good for unless it is said otherwise.
pub const DEFAULT_DAYS: i64 = 90;

/// The operator's first token, if there is none yet. It has no last day: nobody else could make the next one.
pub(super) async fn first(connection: &mut Pooled) -> Result<Option<String>, RegistryError> {
    connection
        .transaction(async |connection: &mut Pooled| {
            // Two servers that start at once make one token.
            diesel::sql_query("LOCK TABLE token IN SHARE ROW EXCLUSIVE MODE").execute(connection).await?;
            let held: i64 = token::table.filter(token::role.eq(OPERATOR)).count().get_result(connection).await?;
            if held > 0 { Ok(None) } else { make(connection, OPERATOR, OPERATOR, None).await.map(Some) }
        })
        .await
}

/// Makes a token; answers its text, which is nowhere else.
pub(super) async fn make(
    connection: &mut Pooled,
    holder: &str,
    role: &str,
    days: Option<i64>,
) -> Result<String, RegistryError> {
    let secret: [u8; 32] = rand::random();
    let text = secret.iter().fold(String::from("sa_"), |text, byte| text + &format!("{byte:02x}"));
    let expires_at: Option<DateTime<Utc>> = days.map(|days| Utc::now() + Duration::days(days));
    diesel::insert_into(token::table)
        .values((
            token::hash.eq(hash(&text)),
            token::holder.eq(holder),
            token::role.eq(role),
            token::expires_at.eq(expires_at),
        ))
        .execute(connection)
        .await?;
    Ok(text)
}

/// Whose token this is, if it is known and not expired.
pub(super) async fn holder(connection: &mut Pooled, text: &str) -> Result<Option<Text>, RegistryError> {
    let holder: Option<String> = token::table
        .filter(token::hash.eq(hash(text)))
        .filter(token::expires_at.is_null().or(token::expires_at.gt(Utc::now())))
        .select(token::holder)
        .first(connection)
        .await
        .optional()?;
    Ok(holder.map(Text::from))
}

fn hash(text: &str) -> Vec<u8> {
    Sha256::digest(text.as_bytes()).to_vec()
}
