//! Figures: the capacity of a facility that is being registered, as a form asks for it and as it is told.

use maud::{Markup, html};
use serde_json::{Value, json};

use super::reading::Wrong;
use super::words;
use crate::atlas::Atlas;
use crate::care::draft::{CapacityDraft, Figure};
use crate::care::{Text, Vocabulary};
use crate::http::Lang;
use crate::http::Parameters;
use crate::http::parameters::plain_digits;

/// The numbers of a measure; of how many are for nursing only beds tell.
const PARTS: [(&str, &str, &str); 3] =
    [("total", "总数", "total"), ("nursing", "其中护理型", "of these for nursing"), ("occupied", "已占用", "taken")];

fn name(measure: &str, part: &str) -> String {
    format!("{measure}_{part}")
}

fn parts(measure: &str) -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
    PARTS.iter().filter(move |(part, ..)| *part != "nursing" || measure == "beds")
}

/// The names of all of them, whatever the kind.
pub fn names(vocabulary: &Vocabulary) -> Vec<String> {
    let measures = vocabulary.measures.iter();
    measures.flat_map(|measure| parts(&measure.code).map(|(part, ..)| name(&measure.code, part))).collect()
}

/// What was typed for the measures of one kind.
#[derive(Debug, Default)]
pub struct Figures {
    measures: Vec<Text>,
    typed: Vec<(String, String)>,
}

impl Figures {
    pub fn read(parameters: &mut Parameters, atlas: &Atlas, kind: &str) -> Figures {
        let all = names(atlas.vocabulary());
        let typed =
            all.into_iter().filter_map(|name| Some((name.clone(), plain_digits(&parameters.text(&name)?)))).collect();
        let measures = atlas.vocabulary().kind(kind).map(|kind| kind.measures.clone()).unwrap_or_default();
        Figures { measures, typed }
    }

    fn of(&self, name: &str) -> Option<&str> {
        self.typed.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
    }

    pub fn hidden(&self) -> Markup {
        html! { @for (name, text) in &self.typed { input type="hidden" name=(name) value=(text); } }
    }

    /// What was typed, as one value.
    pub fn told(&self) -> Value {
        json!(self.typed)
    }

    fn label(&self, atlas: &Atlas, lang: Lang, measure: &str, part: (&str, &str)) -> String {
        let words = atlas.vocabulary().measure(measure);
        let name = words.map_or(measure, |words| lang.say(&words.name_zh, &words.name_en));
        format!("{name}{}{}", lang.say("，", ", "), lang.say(part.0, part.1))
    }

    /// The inputs, one number each.
    pub fn inputs(&self, atlas: &Atlas, lang: Lang, wrong: &[Wrong]) -> Markup {
        html! {
            @if !self.measures.is_empty() {
                h2 { (lang.say("能接待多少", "Capacity")) }
                p.hint { (lang.say("不知道的先不填，不要填 0。", "Leave empty what is not known; do not write 0.")) }
                @for measure in &self.measures { div.grid { @for (part, zh, en) in parts(measure) {
                    @let id = name(measure, part);
                    @let bad = wrong.iter().find(|wrong| wrong.line == id);
                    div.field { label for=(id) { (self.label(atlas, lang, measure, (zh, en))) }
                        @if let Some(bad) = bad { p id=(format!("wrong-{id}")) { strong { (lang.say("请改正：", "To correct: ")) (words::told(&bad.said)) } } }
                        input id=(id) name=(id) type="text" inputmode="numeric" autocomplete="off" value=[self.of(&id)]
                            aria-invalid=[bad.map(|_| "true")] aria-describedby=[bad.map(|_| format!("wrong-{id}"))]; }
                } } }
            }
        }
    }

    /// Them as facts to be checked.
    pub fn rows(&self, atlas: &Atlas, lang: Lang) -> Markup {
        html! { @for measure in &self.measures { @for (part, zh, en) in parts(measure) {
            @if let Some(text) = self.of(&name(measure, part)) { dt { (self.label(atlas, lang, measure, (zh, en))) } dd.number { (text) } }
        } } }
    }

    /// What they say of each measure; what is wrong is added to `wrong`.
    pub fn drafts(&self, lang: Lang, wrong: &mut Vec<Wrong>) -> Vec<CapacityDraft> {
        let mut drafts = Vec::new();
        for measure in &self.measures {
            let mut number = |part: &str| {
                let name = name(measure, part);
                let text = self.of(&name)?;
                let number = text.parse::<u32>().ok().filter(|number| i32::try_from(*number).is_ok());
                if number.is_none() {
                    let said = match lang {
                        Lang::Zh => format!("“{text}”不是数目：请填 0 或更大的整数。"),
                        Lang::En => format!("\"{text}\" is no count; a whole number from 0 is."),
                    };
                    wrong.push(Wrong { line: name, said });
                }
                number
            };
            let (total, nursing, occupied) = (number("total"), number("nursing"), number("occupied"));
            if let (Some(total), Some(nursing)) = (total, nursing)
                && nursing > total
            {
                let said = match lang {
                    Lang::Zh => format!("护理型 {nursing} 超过了总数 {total}，请改正。"),
                    Lang::En => format!("{nursing} for nursing is more than the total of {total}."),
                };
                wrong.push(Wrong { line: name(measure, "nursing"), said });
            }
            if total.or(nursing).or(occupied).is_some() {
                let figure = |number: Option<u32>| number.map_or(Figure::Kept, Figure::Told);
                let (total, nursing, occupied) = (figure(total), figure(nursing), figure(occupied));
                drafts.push(CapacityDraft {
                    measure: measure.clone(),
                    total,
                    nursing,
                    occupied,
                    ..CapacityDraft::default()
                });
            }
        }
        drafts
    }
}
