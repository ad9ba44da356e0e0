//! Kinds, measures and schemes.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::RegistryError;
use super::line::Pooled;
use super::schema::{kind, kind_measure, measure, rating_scheme};
use crate::care::{Kind, Measure, Scheme, Text, Vocabulary};

type Named = (String, String, String);

pub(super) async fn load(connection: &mut Pooled) -> Result<Vocabulary, RegistryError> {
    let measures: Vec<(Named, String, i32)> = measure::table
        .select(((measure::code, measure::name_zh, measure::name_en), measure::unit_zh, measure::rank))
        .load(connection)
        .await?;
    let kinds: Vec<(Named, String, i32)> = kind::table
        .select(((kind::code, kind::name_zh, kind::name_en), kind::category, kind::rank))
        .load(connection)
        .await?;
    let has: Vec<(String, String)> = kind_measure::table
        .order((kind_measure::kind, kind_measure::rank))
        .select((kind_measure::kind, kind_measure::measure))
        .load(connection)
        .await?;
    let schemes: Vec<(Named, i16, Option<i32>, String, i32)> = rating_scheme::table
        .select((
            (rating_scheme::code, rating_scheme::name_zh, rating_scheme::name_en),
            rating_scheme::levels,
            rating_scheme::valid_years,
            rating_scheme::unit,
            rating_scheme::rank,
        ))
        .load(connection)
        .await?;

    let mut measures_of: HashMap<String, Vec<Text>> = HashMap::new();
    for (kind, measure) in has {
        measures_of.entry(kind).or_default().push(measure.into());
    }
    let kinds = kinds.into_iter().map(|((code, name_zh, name_en), category, rank)| Kind {
        measures: measures_of.remove(&code).unwrap_or_default(),
        code: code.into(),
        category: category.into(),
        name_zh: name_zh.into(),
        name_en: name_en.into(),
        rank,
    });
    let measures = measures.into_iter().map(|((code, name_zh, name_en), unit_zh, rank)| Measure {
        code: code.into(),
        name_zh: name_zh.into(),
        name_en: name_en.into(),
        unit_zh: unit_zh.into(),
        rank,
    });
    let schemes = schemes.into_iter().map(|((code, name_zh, name_en), levels, valid_years, unit, rank)| Scheme {
        code: code.into(),
        name_zh: name_zh.into(),
        name_en: name_en.into(),
        // The table holds 1 to 9 levels, and no years below 1.
        levels: u8::try_from(levels).unwrap_or(9),
        valid_years: valid_years.and_then(|years| u32::try_from(years).ok()),
        unit: unit.into(),
        rank,
    });
    Ok(Vocabulary::new(kinds.collect(), measures.collect(), schemes.collect()))
}
