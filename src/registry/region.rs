//! Regions: read whole, and written by staging.

use std::collections::HashMap;
use std::sync::Arc;

use futures_util::{FutureExt, TryStreamExt, pin_mut};
use tokio_postgres::Client;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;

use super::copy::{Cells, CopyIn, copy_out};
use super::edit::Deal;
use super::point::{self, PlaceRow};
use super::refusal::rule;
use super::{Edit, Registry, RegistryError};
use crate::care::{Entity, Level, Region, Text, UrbanRural, Words};

pub(super) async fn read(client: &Client) -> Result<Vec<Region>, RegistryError> {
    read_where(client, "").await
}

/// Those for which a condition holds, such as `WHERE code IN (SELECT code FROM meant)`.
async fn read_where(client: &Client, condition: &str) -> Result<Vec<Region>, RegistryError> {
    // 15 decimals bring every coordinate back to the last bit.
    let query = format!(
        "SELECT code, name, level, parent, {}, ST_AsGeoJSON(border::geometry, 15), counts_in_coverage, source, demo, class \
         FROM region {condition} ORDER BY code",
        point::COLUMNS
    );
    let rows = copy_out(client, &query, &types()).await?;
    pin_mut!(rows);
    let (mut regions, mut words) = (Vec::new(), Words::default());
    while let Some(row) = rows.try_next().await? {
        let mut cells = Cells::of(&row);
        let (code, name) = (words.hold(cells.read()?), Text::from(cells.read::<&str>()?));
        let level = Level::from_code(cells.read()?);
        let level = level.ok_or_else(|| RegistryError::Internal(format!("region {code}: unknown level")))?;
        let parent = words.hold_some(cells.read()?);
        let place = PlaceRow::read(&mut cells)?.place();
        let border = cells.read::<Option<&str>>()?.map(serde_json::from_str).transpose();
        let border = border.map_err(|error| RegistryError::Internal(format!("region {code}: {error}")))?;
        let (counts_in_coverage, source, demo) = (cells.read()?, words.hold_some(cells.read()?), cells.read()?);
        let class = cells.read::<Option<&str>>()?.and_then(UrbanRural::from_code);
        regions.push(Region { code, name, level, parent, place, border, counts_in_coverage, class, source, demo });
    }
    Ok(regions)
}

fn types() -> [Type; 14] {
    use Type as T;
    [
        T::TEXT,
        T::TEXT,
        T::TEXT,
        T::TEXT,
        T::BYTEA,
        T::FLOAT8,
        T::FLOAT8,
        T::TEXT,
        T::BOOL,
        T::TEXT,
        T::BOOL,
        T::TEXT,
        T::BOOL,
        T::TEXT,
    ]
}

/// Writes regions; those that are there are replaced.
pub(super) async fn write(client: &Client, edits: &[Edit<Region>]) -> Result<(), RegistryError> {
    let places = point::COLUMNS;
    client
        .batch_execute(
            "CREATE TEMP TABLE region_in (LIKE region) ON COMMIT DROP; \
             ALTER TABLE region_in ALTER COLUMN border TYPE text",
        )
        .await?;
    let into =
        format!("region_in (code, name, level, parent, {places}, border, counts_in_coverage, source, demo, class)");
    let mut copy = CopyIn::begin(client, &into).await?;
    for Edit { after: region, .. } in edits {
        point::check(region.place.as_ref())?;
        let rows = copy.rows.row(9 + point::WIDTH);
        rows.put(&*region.code).put(&*region.name).put(region.level.code()).put(region.parent.as_deref());
        point::lay(rows, region.place.as_ref());
        let border = region.border.as_ref().map(|border| border.to_string());
        rows.put(border.as_deref()).put(region.counts_in_coverage).put(region.source.as_deref()).put(region.demo);
        rows.put(region.class.map(UrbanRural::code));
        copy.advance().await?;
    }
    copy.finish().await?;
    let columns = format!("code, name, level, parent, {places}, border, counts_in_coverage, source, demo, class");
    let set = replacing(&columns, "code");
    let sql = format!(
        "INSERT INTO region ({columns}) \
         SELECT code, name, level, parent, {places}, ST_Force2D(ST_GeomFromGeoJSON(border))::geography, \
             counts_in_coverage, source, demo, class \
         FROM region_in \
         ON CONFLICT (code) DO UPDATE SET {set}; \
         DROP TABLE region_in"
    );
    client.batch_execute(&sql).await.map_err(|error| match error.code() {
        // What PostGIS says of a shape that it cannot read.
        Some(&SqlState::INTERNAL_ERROR | &SqlState::INVALID_PARAMETER_VALUE) => {
            rule("/border", "a border cannot be read as a polygon or several")
        }
        Some(&SqlState::CARDINALITY_VIOLATION) => rule("/code", "a region is told twice"),
        _ => error.into(),
    })
}

/// What is wrong with a border: the reason, and the place where it is so.
#[derive(Debug, Clone, PartialEq)]
pub struct InvalidBorder {
    pub reason: Text,
    pub at: Option<(f64, f64)>,
    /// Made valid, it encloses the same but for a thousandth: a ring that touches itself, or a spike.
    pub harmless: bool,
}

/// Asks PostGIS which of these borders, as GeoJSON, are no valid areas (OGC 06-103r4, 6.1.11), by code.
pub(super) async fn invalid_borders(
    client: &Client,
    borders: &[(Text, String)],
) -> Result<HashMap<Text, InvalidBorder>, RegistryError> {
    let mut invalid = HashMap::new();
    let sql = "WITH told AS (SELECT code, ST_GeomFromGeoJSON(border) AS shape \
                   FROM unnest($1::text[], $2::text[]) AS told (code, border)), \
               checked AS (SELECT code, shape, ST_IsValidDetail(shape) AS detail FROM told) \
               SELECT code, (detail).reason, ST_X(ST_PointOnSurface((detail).location)), \
                   ST_Y(ST_PointOnSurface((detail).location)), \
                   ST_Area(shape) > 0 AND abs(ST_Area(ST_MakeValid(shape)) - ST_Area(shape)) <= 0.001 * ST_Area(shape) \
               FROM checked WHERE NOT (detail).valid";
    for part in borders.chunks(200) {
        let (codes, shapes): (Vec<&str>, Vec<&str>) = part.iter().map(|(code, shape)| (&**code, &**shape)).unzip();
        for row in client.query(sql, &[&codes, &shapes]).await? {
            let at = row.get::<_, Option<f64>>(2).zip(row.get(3));
            let reason = row.get::<_, Option<&str>>(1).unwrap_or("not a valid area").into();
            invalid.insert(row.get::<_, &str>(0).into(), InvalidBorder { reason, at, harmless: row.get(4) });
        }
    }
    Ok(invalid)
}

/// `a = EXCLUDED.a, …` for all columns but the key.
pub(super) fn replacing(columns: &str, key: &str) -> String {
    let others = columns.split(", ").filter(|column| *column != key);
    others.map(|column| format!("{column} = EXCLUDED.{column}")).collect::<Vec<_>>().join(", ")
}

impl Registry {
    /// On the state that was seen, says whether a region counts as a unit where units are counted (its people always count), and whether it is urban or
    /// rural. `None`: that stays as it is. Answers the region, and the number of the change (or the log's last where it was so
    /// already).
    pub async fn settle_region(
        &self,
        code: &str,
        saw: &str,
        counts: Option<bool>,
        class: Option<Option<UrbanRural>>,
        actor: &str,
    ) -> Result<(Region, i64), RegistryError> {
        let (line, code, actor) = (Arc::clone(&self.line), Text::from(code), Text::from(actor));
        let saw = saw.to_owned();
        let task = async move {
            let mut deal = Deal::begin(&line, &actor, None).await?;
            // Imports wait: one that is being written may tell the whole region anew.
            deal.client
                .batch_execute(
                    "SELECT pg_advisory_xact_lock(20583, 2); CREATE TEMP TABLE meant (code text) ON COMMIT DROP",
                )
                .await?;
            deal.client.execute("INSERT INTO meant VALUES ($1)", &[&&*code]).await?;
            let held = read_where(&deal.client, "WHERE code IN (SELECT code FROM meant)").await?.pop();
            let before = held.ok_or_else(|| RegistryError::Conflict(format!("There is no region \"{code}\".")))?;
            if before.state() != saw {
                return Err(RegistryError::StaleRegion(Box::new(before)));
            }
            let mut after = before.clone();
            after.counts_in_coverage = counts.unwrap_or(before.counts_in_coverage);
            after.class = class.unwrap_or(before.class);
            if before != after {
                let sql = "UPDATE region SET counts_in_coverage = $2, class = $3 WHERE code = $1";
                let class = after.class.map(UrbanRural::code);
                deal.client.execute(sql, &[&&*code, &after.counts_in_coverage, &class]).await?;
                deal.lines.add(Entity::Region, &code, Some(&before), &after);
            }
            Ok((after, deal.commit().await?))
        };
        self.line.at_home(task.boxed()).await
    }
}
