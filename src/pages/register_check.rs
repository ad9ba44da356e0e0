//! Registering: whether a facility may be registered where it is said to lie, and whether it was taken out of the record before.

use actix_web::http::StatusCode;

use super::reading::Wrong;
use crate::atlas::Atlas;
use crate::care::coordinates::Misplaced;
use crate::care::{Deed, Facility, RemovedFacility, Who};
use crate::http::review::misplaced;
use crate::http::who::ground_of_region;
use crate::http::{Code, Lang};

/// What is wrong with a point, in the language of the page.
pub fn said_of(wrong: &Misplaced, lang: Lang) -> String {
    match lang {
        Lang::Zh => wrong.chinese(),
        Lang::En => wrong.english(),
    }
}

/// Why a facility that was merged or withdrawn is not simply registered again.
pub fn removed_before(lang: Lang, removed: &RemovedFacility) -> String {
    match lang {
        Lang::Zh => format!("{}{}。要照样登记，请勾选下面的“照样登记”。", removed.name, removed.said_zh()),
        Lang::En => format!("{} {}. To register it all the same, tick the box below.", removed.name, removed.said()),
    }
}

/// Whether the region is this person's to register in, and the point can be in it.
pub fn belongs(atlas: &Atlas, lang: Lang, who: &Who, facility: &Facility) -> Result<(), (StatusCode, Wrong)> {
    let wrong = |line: &str, said: String| Wrong { line: line.to_owned(), said };
    if let Some(far) = misplaced(atlas, facility) {
        return Err((StatusCode::UNPROCESSABLE_ENTITY, wrong("lon", said_of(&far, lang))));
    }
    if who.may(Deed::Register, &ground_of_region(atlas, facility.region.as_deref())) {
        return Ok(());
    }
    let (status, said) = match &facility.region {
        None => (
            StatusCode::UNPROCESSABLE_ENTITY,
            lang.say("请填所在的街道、乡镇或村。", "Say in which town or village it lies."),
        ),
        Some(_) => (
            Code::Forbidden.status(),
            lang.say(
                "这个区域不归您的账号管，请填您管的区域。",
                "This region is outside your account's; give one inside.",
            ),
        ),
    };
    Err((status, wrong("region", said.to_owned())))
}
