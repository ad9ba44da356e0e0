//! Kinds, measures and schemes.

use std::collections::HashMap;

use diesel::prelude::*;
use diesel_async::RunQueryDsl;

use super::RegistryError;
use super::line::Pooled;
use super::schema::{inspection_type, kind, kind_measure, licence_type, measure, people_group, rating_scheme};
use crate::care::{Kind, Measure, PeopleGroup, Scheme, Term, Text, Vocabulary};

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
    let licences: Vec<(Named, i32)> = licence_type::table
        .select(((licence_type::code, licence_type::name_zh, licence_type::name_en), licence_type::rank))
        .load(connection)
        .await?;
    let inspections: Vec<(Named, i32)> = inspection_type::table
        .select(((inspection_type::code, inspection_type::name_zh, inspection_type::name_en), inspection_type::rank))
        .load(connection)
        .await?;
    let groups: Vec<(Named, Option<String>, i32)> = people_group::table
        .select((
            (people_group::code, people_group::name_zh, people_group::name_en),
            people_group::source,
            people_group::rank,
        ))
        .load(connection)
        .await?;
    let groups = groups.into_iter().map(|((code, name_zh, name_en), source, rank)| PeopleGroup {
        code: code.into(),
        name_zh: name_zh.into(),
        name_en: name_en.into(),
        source: source.map(Into::into),
        rank,
    });
    let terms = |rows: Vec<(Named, i32)>| {
        let term = |((code, name_zh, name_en), rank): (Named, i32)| Term {
            code: code.into(),
            name_zh: name_zh.into(),
            name_en: name_en.into(),
            rank,
        };
        rows.into_iter().map(term).collect()
    };

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
    let vocabulary = Vocabulary::new(kinds.collect(), measures.collect(), schemes.collect());
    Ok(vocabulary.with_types(terms(licences), terms(inspections)).with_groups(groups.collect()))
}
