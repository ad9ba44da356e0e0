//! A part of a record in pieces: what two people kept at once is put together, and where both changed the same piece
//! otherwise, whoever saves last sees theirs and mine, who and when, and chooses piece by piece.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use maud::{Markup, html};
use serde_json::Value;

use super::keeping::{self, Typed, last_change};
use super::sign_in::sealed;
use crate::care::Facility;
use crate::http::{App, Lang, Parameters, Problem};

/// Pieces by their keys, in the order of the form.
pub type Pieces = Vec<(String, Value)>;

/// A part of a facility that has a form of its own.
pub trait Part {
    /// The field that it is, or a part of.
    const FIELD: &'static str;
    /// The last word of the form's address.
    const WORD: &'static str;
    fn title(&self, lang: Lang) -> String;
    /// The pieces of a value of the field.
    fn apart(&self, whole: &Value) -> Pieces;
    /// A value of the field with these pieces; what the form is not about stays as the facility has it.
    fn together(&self, facility: &Facility, pieces: Pieces) -> Value;
    /// A piece for people: its name, and what stands in it.
    fn said(&self, app: &App, lang: Lang, key: &str, piece: &Value) -> (String, Markup);
}

/// The most pieces that may have to be chosen between at once.
const CHOICES: usize = 80;

/// The names of the fields below.
pub fn names() -> Vec<String> {
    let choices = (0..CHOICES).map(|at| format!("choice_{at}"));
    choices.chain(["version", "compared"].map(str::to_owned)).collect()
}

/// The version that a form was filled in on, and what was chosen since.
#[derive(Debug, Clone, Default)]
pub struct Seen {
    pub version: i64,
    /// The version on which theirs and mine were compared.
    compared: Option<i64>,
    /// The chosen pieces, and whether theirs is to stand.
    chosen: Vec<(String, bool)>,
}

impl Seen {
    pub fn read(parameters: &mut Parameters) -> Seen {
        let mut number = |name| parameters.number(name, 1..=i64::MAX, "version");
        let (version, compared) = (number("version").unwrap_or_default(), number("compared"));
        let choices = (0..CHOICES).filter_map(|at| parameters.text(&format!("choice_{at}")));
        let chosen = choices.filter_map(|choice| {
            let (whose, key) = choice.split_once(':')?;
            Some((key.to_owned(), whose == "theirs"))
        });
        Seen { version, compared, chosen: chosen.collect() }
    }

    /// What was chosen of a piece, as long as theirs is still what it was.
    fn choice(&self, key: &str, now: i64) -> Option<bool> {
        let chosen = self.chosen.iter().filter(|_| self.compared == Some(now));
        chosen.into_iter().find(|(known, _)| known == key).map(|(_, theirs)| *theirs)
    }
}

/// A piece that both have changed, and differently.
#[derive(Debug, PartialEq)]
pub struct Contest {
    key: String,
    theirs: Value,
    mine: Value,
}

fn of<'a>(pieces: &'a Pieces, key: &str) -> &'a Value {
    pieces.iter().find(|(known, _)| known == key).map_or(&Value::Null, |(_, piece)| piece)
}

/// What both said put together: a piece that only one has changed stands as that one has it. `base` is what was seen;
/// `now` is the version that theirs is of.
pub fn settle(
    base: Option<&Pieces>,
    theirs: &Pieces,
    mine: &Pieces,
    seen: &Seen,
    now: i64,
) -> Result<Pieces, Vec<Contest>> {
    let (mut settled, mut contests) = (Pieces::new(), Vec::new());
    let added = theirs.iter().filter(|(key, _)| !mine.iter().any(|(known, _)| known == key));
    for (key, _) in mine.iter().chain(added) {
        let (theirs, mine) = (of(theirs, key), of(mine, key));
        let was = base.map(|base| of(base, key));
        let stands = match seen.choice(key, now) {
            Some(true) => theirs,
            Some(false) => mine,
            None if theirs == mine || was == Some(theirs) => mine,
            None if was == Some(mine) => theirs,
            None => {
                contests.push(Contest { key: key.clone(), theirs: theirs.clone(), mine: mine.clone() });
                continue;
            }
        };
        settled.push((key.clone(), stands.clone()));
    }
    settled.retain(|(_, piece)| !piece.is_null());
    if contests.is_empty() { Ok(settled) } else { Err(contests) }
}

/// Theirs and mine, who and when, and a choice for each piece; the rest of what was typed goes along.
#[expect(clippy::too_many_arguments, reason = "a page is made of what it shows")]
pub async fn choose<P: Part>(
    app: &App,
    request: &HttpRequest,
    part: &P,
    current: &Facility,
    seen: &Seen,
    contests: &[Contest],
    typed: &Typed,
    note: Option<&str>,
) -> Result<HttpResponse, Problem> {
    let lang = Lang::of(request);
    let title = lang.say("别人刚改过，请选一下", "Somebody else was quicker: please choose");
    let by = last_change(app, lang, current.id).await?;
    let address = format!("/f/{}/{}", current.id, P::WORD);
    let tile = |at: usize, whose: &str, said: &str, contest: &Contest, piece: &Value| {
        html! { label.tile {
            input type="radio" name=(format!("choice_{at}")) value=(format!("{whose}:{}", contest.key)) checked[whose == "mine"];
            span { (said) (part.said(app, lang, &contest.key, piece).1) }
        } }
    };
    let body = html! {
        form method="post" action=(address) {
            (sealed(request))
            input type="hidden" name="version" value=(seen.version);
            input type="hidden" name="compared" value=(current.version);
            (typed.hidden())
            @if let Some(note) = note { input type="hidden" name="request_note" value=(note); }
            @for (at, contest) in contests.iter().enumerate() {
                fieldset.field {
                    legend { (part.said(app, lang, &contest.key, &contest.mine).0) }
                    div.tiles.pair {
                        (tile(at, "theirs", lang.say("对方的：", "Theirs: "), contest, &contest.theirs))
                        (tile(at, "mine", lang.say("我的：", "Mine: "), contest, &contest.mine))
                    }
                }
            }
            button.full type="submit" { (lang.say("保存我选的", "Save what I chose")) }
        }
        p { a href=(address) { (lang.say("不保存，看现在的", "Do not save; show what stands")) } }
    };
    let notice = html! {
        h2 { (title) }
        (by)
        p { (lang.say("您填的还在，没有丢。两边不同的，请选一个，再保存。", "Nothing you typed is lost. Choose where the two differ, then save.")) }
    };
    let status = StatusCode::PRECONDITION_FAILED;
    Ok(keeping::page(app, request, current, status, &part.title(lang), &notice, &body))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pieces(of: &[(&str, u32)]) -> Pieces {
        of.iter().map(|(key, number)| ((*key).to_owned(), json!(number))).collect()
    }

    #[test]
    fn what_only_one_has_changed_stands_and_what_both_have_is_asked() {
        let seen = Seen { version: 1, ..Seen::default() };
        let base = pieces(&[("a", 1), ("b", 1), ("c", 1), ("d", 1)]);
        let theirs = pieces(&[("a", 2), ("b", 1), ("c", 3), ("e", 5)]);
        let mine = pieces(&[("a", 1), ("b", 2), ("c", 3), ("d", 1)]);
        assert_eq!(
            settle(Some(&base), &theirs, &mine, &seen, 2),
            Ok(pieces(&[("a", 2), ("b", 2), ("c", 3), ("e", 5)]))
        );
        let contest = |mine| Contest { key: "a".to_owned(), theirs: json!(2), mine };
        let both = pieces(&[("a", 3)]);
        assert_eq!(settle(Some(&base), &pieces(&[("a", 2)]), &both, &seen, 2), Err(vec![contest(json!(3))]));
        // Taken away by one, changed by the other.
        assert_eq!(
            settle(Some(&pieces(&[("a", 1)])), &pieces(&[("a", 2)]), &pieces(&[]), &seen, 2),
            Err(vec![contest(Value::Null)])
        );
        // Nobody knows what was seen: whatever differs is asked.
        assert!(settle(None, &theirs, &mine, &seen, 2).is_err());
    }

    #[test]
    fn a_choice_holds_for_what_it_was_made_on() {
        let seen = Seen { version: 1, compared: Some(2), chosen: vec![("a".to_owned(), true)] };
        let (base, theirs, mine) = (pieces(&[("a", 1)]), pieces(&[("a", 2)]), pieces(&[("a", 3)]));
        assert_eq!(settle(Some(&base), &theirs, &mine, &seen, 2), Ok(theirs.clone()));
        assert!(settle(Some(&base), &theirs, &mine, &seen, 3).is_err(), "it moved on again");
    }
}
