//! Facilities that may be one and the same: of one name, or of one kind and hardly apart.

use std::sync::Arc;

use maud::{Markup, html};
use uuid::Uuid;

use super::words;
use crate::atlas::geodesic::karney;
use crate::atlas::{Atlas, Entry, Filter};
use crate::care::{Deed, Facility, Who};
use crate::http::who::ground;
use crate::http::{App, Lang, Problem};

/// Two of one kind closer than this may be one, in metres.
pub const SAME_PLACE_M: f64 = 100.0;
/// How many of one name are looked at.
const NAMESAKES: usize = 50;
/// Characters of the name that are searched: a search takes no longer words.
const BEGINNING: usize = 20;
/// Degrees that hold [`SAME_PLACE_M`] on every parallel up to 80°, where people live.
const REACH_LAT: f64 = 0.001;
const REACH_LON: f64 = 0.0055;

/// Others that may be this facility, whatever their status, by id.
fn alike(atlas: &Atlas, facility: &Facility) -> Vec<Arc<Entry>> {
    let mut found = Vec::new();
    if let Some(place) = facility.located() {
        let (lon, lat) = (place.lon, place.lat);
        let bbox = Some([lon - REACH_LON, lat - REACH_LAT, lon + REACH_LON, lat + REACH_LAT]);
        let near = Filter { kinds: vec![facility.kind.clone()], bbox, ..Filter::default() };
        let entries = atlas.list(&near, None, usize::MAX - 1).entries;
        found.extend(entries.into_iter().filter(|entry| {
            entry.facility.located().is_some_and(|other| karney((lon, lat), (other.lon, other.lat)) <= SAME_PLACE_M)
        }));
    }
    let beginning: String = plain(&facility.name).chars().take(BEGINNING).collect();
    let named = Filter { q: Some(beginning.as_str().into()), ..Filter::default() };
    let namesakes = atlas.list(&named, None, NAMESAKES).entries.into_iter();
    found.extend(namesakes.filter(|entry| plain(&entry.facility.name) == plain(&facility.name)));
    found.retain(|entry| entry.facility.id != facility.id);
    found.sort_by_key(|entry| entry.facility.id);
    found.dedup_by_key(|entry| entry.facility.id);
    found
}

/// The same, looked for away from the workers: it takes a look at every facility.
pub async fn sought(app: &App, atlas: &Arc<Atlas>, facility: &Facility) -> Result<Vec<Arc<Entry>>, Problem> {
    let facility = facility.clone();
    app.ponder_over(Arc::clone(atlas), move |atlas| alike(atlas, &facility)).await
}

/// A name without spaces, and with brackets of one width: lists write them as they like.
fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| !c.is_whitespace())
        .map(|c| {
            if c == '（' {
                '('
            } else if c == '）' {
                ')'
            } else {
                c
            }
        })
        .collect()
}

/// Them in a list; where `merging` names a facility and who asks, each on their ground with the way to make the two one.
pub fn listed(atlas: &Atlas, lang: Lang, found: &[Arc<Entry>], merging: Option<(Uuid, &Who)>) -> Markup {
    html! {
        ul.list { @for entry in found { @let other = &entry.facility; li.item {
            h3 { a href=(format!("/f/{}", other.id)) { (words::told(&other.name)) } }
            p { (words::kind_name(atlas, lang, &other.kind)) (lang.say("，", ", ")) (words::status(lang, other.status))
                @if let Some(address) = &other.address { (lang.say("，", ", ")) (words::told(address)) }
                @if let Some(phone) = &other.phone { (lang.say("，", ", ")) span.number { (phone) } } }
            @if let Some((id, _)) = merging.filter(|(_, who)| who.may(Deed::Register, &ground(atlas, other))) {
                a.button.second href=(format!("/f/{id}/merge?into={}", other.id)) { (lang.say("对照、合并", "Compare and merge")) } }
        } } }
    }
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::atlas::sample;
    use crate::care::{Place, Status};

    #[test]
    fn twins_have_the_name_or_the_kind_and_the_place() {
        let mut rng = StdRng::seed_from_u64(3);
        let at = |id, name: &str, kind: &str, metres_north: f64| {
            let mut facility = sample::facility(id, None);
            (facility.name, facility.kind, facility.status) = (name.into(), kind.into(), Status::Closed);
            facility.place = Some(Place::wgs84(118.3, 33.9 + metres_north / 110_900.0));
            facility
        };
        let mut far = at(5, "幸福 院（新）", "canteen", 5000.0);
        far.place = None;
        let kind = sample::vocabulary().kinds[0].code.clone();
        let other = sample::vocabulary().kinds[1].code.clone();
        let me = at(1, "幸福院(新)", &kind, 0.0);
        let all = vec![
            me.clone(),
            at(2, "别的院", &kind, 95.0),
            at(3, "别的院", &kind, 105.0),
            at(4, "食堂", &other, 5.0),
            far,
        ];
        let atlas = sample::atlas_of(all, &mut rng);
        let ids: Vec<_> = alike(&atlas, &me).iter().map(|entry| entry.facility.id.as_u128()).collect();
        assert_eq!(ids, [2, 5]);
    }
}
