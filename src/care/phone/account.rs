//! Numbers that nobody can dial: those of accounts, and digits of e-mail addresses.

use super::{Form, Group, mobile_or_free};

/// The words before the number of a QQ account.
const QQ: [&str; 3] = ["qq", "企鹅", "扣扣"];
/// The words before a WeChat account, which is often the phone's own number.
const WECHAT: [&str; 6] = ["微信", "wechat", "weixin", "vx", "wx", "微 信"];

/// Whether a group is no phone number, by what stands around it.
pub(super) fn is_account(text: &str, groups: &[Group], at: usize) -> bool {
    let group = &groups[at];
    if group.then == Some('@') || group.before.ends_with('@') || is_in_domain(text, group) {
        return true;
    }
    let before = group.before.to_lowercase();
    let phone = matches!(mobile_or_free(&group.digits), Some(Form::National(_)));
    let behind =
        |words: &[&str]| words.iter().filter_map(|word| Some(before.rsplit_once(word)?.1)).min_by_key(|s| s.len());
    let names = |c: char| c.is_ascii_alphabetic() || " _-:=.,号码群账帐是为".contains(c);
    let lettered = |rest: &str| rest.contains(|c: char| c.is_ascii_alphabetic());
    behind(&QQ).is_some_and(|rest| rest.chars().all(names))
        || behind(&WECHAT).is_some_and(|rest| rest.chars().all(names) && (lettered(rest) || !phone))
}

/// Whether digits stand in what follows the @ of an e-mail address: `@qq123.com`.
fn is_in_domain(text: &str, group: &Group) -> bool {
    let address = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-');
    let before: Vec<char> = text[..group.at.start].chars().rev().skip_while(address).take(1).collect();
    matches!(before.as_slice(), ['@' | '＠'])
}
