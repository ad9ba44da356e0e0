//! Reading: what typed lines mean as wishes, and what is wrong with them, in the reader's language, with the remedy.

use serde_json::{Value, json};

use super::lines::{How, Line, RATING, Typed, all, held, rating_line};
use crate::atlas::Atlas;
use crate::care::fields::{self, Wishes};
use crate::care::kind::nearest_word;
use crate::care::limits::{LIMITS, TooLong};
use crate::care::{Facility, Hours, Rating, Text};
use crate::http::Lang;
use crate::http::parameters::plain_digits;

/// What is wrong with a line, in the reader's language, with the remedy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    pub line: String,
    pub said: String,
}

/// What lines are read with.
pub struct Reading<'a> {
    pub atlas: &'a Atlas,
    pub lang: Lang,
    /// The region whose places are meant first, where a name alone could mean several.
    pub top: Option<&'a str>,
}

impl Reading<'_> {
    /// Typed lines as the wishes that they mean, on a facility as it is held; and all that is wrong with them. A line that
    /// is empty says that nothing is known.
    pub fn wishes(&self, typed: &[Typed], facility: &Facility) -> (Wishes, Vec<Wrong>) {
        let lines = all(self.atlas.vocabulary());
        let told = |name: &str| typed.iter().find(|typed| typed.name == name).map(|typed| typed.now.clone());
        let whole = |name: &str| {
            let line = lines.iter().find(|line| line.name == name);
            told(name).or_else(|| line.map(|line| held(facility, line))).unwrap_or_default()
        };
        let touched = |field: &str| {
            lines.iter().any(|line| line.field == field && typed.iter().any(|typed| typed.name == line.name))
        };
        let (mut wishes, mut wrong) = (Wishes::new(), Vec::new());
        for line in lines.iter().filter(|line| !matches!(line.field, "price" | "place" | "ratings")) {
            let Some(text) = told(&line.name) else { continue };
            match self.plain(line, text.trim()) {
                Ok(wish) => drop(wishes.insert(line.name.clone(), wish)),
                Err(said) => wrong.push(Wrong { line: line.name.clone(), said }),
            }
        }
        let mut number = |name: &str| self.number(name, &whole(name), &mut wrong);
        if touched("price") {
            let (min, max) = (number("price_min"), number("price_max"));
            let mut price = json!({"min": min, "max": max});
            if !whole("price_unit").is_empty() {
                price["unit"] = json!(whole("price_unit"));
            }
            wishes.insert("price".to_owned(), if min.or(max).is_none() { Value::Null } else { price });
            if matches!((min, max), (Some(min), Some(max)) if min > max) {
                let said =
                    self.lang.say("最低价比最高价还高，请对调或改正。", "It is above the highest price.").to_owned();
                wrong.push(Wrong { line: "price_min".to_owned(), said });
            }
        }
        if touched("place") {
            match self.place(whole("lon").trim(), whole("lat").trim(), &whole("datum")) {
                Ok(place) => drop(wishes.insert("place".to_owned(), place)),
                Err(bad) => wrong.push(bad),
            }
        }
        if touched("ratings") {
            let mut ratings = Vec::new();
            for scheme in &self.atlas.vocabulary().schemes {
                let part = |part: &str| whole(&rating_line(&scheme.code, part)).trim().to_owned();
                let before = facility.ratings.iter().find(|rating| rating.scheme == scheme.code);
                match self.rating(&scheme.code, before, &part) {
                    Ok(rating) => ratings.extend(rating),
                    Err(bad) => wrong.push(bad),
                }
            }
            wishes.insert("ratings".to_owned(), json!(ratings));
        }
        if let Err(faults) = fields::with(facility, &wishes, self.atlas.vocabulary()) {
            for fault in faults {
                let of_field = |line: &&Line| line.field == fault.field;
                let line = lines.iter().find(of_field).map_or_else(String::new, |line| line.name.clone());
                let told =
                    wrong.iter().any(|wrong| lines.iter().any(|l| l.name == wrong.line && l.field == fault.field));
                if !told {
                    wrong.push(Wrong { line, said: fault.detail });
                }
            }
        }
        (wishes, wrong)
    }

    fn plain(&self, line: &Line, text: &str) -> Result<Value, String> {
        let lang = self.lang;
        if text.is_empty() {
            return match line.name.as_str() {
                "name" => Err(lang.say("请填名称。", "A name is needed.").to_owned()),
                "kind" | "status" => Err(lang.say("请选一项。", "Please choose one.").to_owned()),
                _ => Ok(Value::Null),
            };
        }
        let limit = LIMITS.iter().find(|limit| limit.field == line.name && line.name != "hours");
        let too_long = |fault: TooLong| match lang {
            Lang::Zh => format!("太长了：{}。", fault.zh()),
            Lang::En => format!("Too long: {fault}."),
        };
        limit.filter(|limit| limit.count == 1).map_or(Ok(()), |limit| limit.check(text)).map_err(too_long)?;
        match line.name.as_str() {
            "services" | "tags" => {
                let items: Vec<_> =
                    text.split(['；', ';', '、']).map(str::trim).filter(|item| !item.is_empty()).collect();
                if let Some(limit) = limit {
                    limit.check_count(items.len()).map_err(too_long)?;
                    items.iter().try_for_each(|item| limit.check(item)).map_err(too_long)?;
                }
                Ok(json!(items))
            }
            "hours" => Hours::read(text).map(|hours| json!(hours)).map_err(|error| match lang {
                Lang::Zh => error.in_chinese(),
                Lang::En => error.to_string(),
            }),
            "region" => self.region(text).map(|code| json!(code)),
            _ if line.how == How::Day => day(lang, text).map(|day| json!(day)),
            _ => Ok(json!(text)),
        }
    }

    /// A region by its code, or by a name that only one has.
    fn region(&self, text: &str) -> Result<Text, String> {
        let tree = self.atlas.regions();
        let lead = text.split_whitespace().next().unwrap_or(text);
        if let Some(region) = tree.get(text).or_else(|| tree.get(lead)) {
            return Ok(region.code.clone());
        }
        let named: Vec<_> = tree.iter().filter(|region| *region.name == *text).collect();
        let near: Vec<_> = named
            .iter()
            .filter(|region| self.top.is_none_or(|top| tree.is_within(&region.code, top)))
            .map(|region| &region.code)
            .collect();
        match (near.as_slice(), self.lang) {
            ([one], _) => Ok((*one).clone()),
            ([], Lang::Zh) => {
                let like = nearest_word(text, tree.iter().map(|region| &*region.name));
                let like = like.map(|name| format!("是不是“{name}”？")).unwrap_or_default();
                Err(format!("没有叫“{text}”的区域。{like}请填区域的名称或代码。"))
            }
            ([], Lang::En) => Err(format!("There is no region \"{text}\"; give its name or its code.")),
            (several, lang) => {
                let codes = several.iter().take(5).map(|code| &***code).collect::<Vec<_>>().join(lang.say("、", ", "));
                Err(match lang {
                    Lang::Zh => format!("有 {} 个“{text}”，请填代码：{codes}", several.len()),
                    Lang::En => format!("{} regions have this name; give the code: {codes}", several.len()),
                })
            }
        }
    }

    fn number(&self, name: &str, text: &str, wrong: &mut Vec<Wrong>) -> Option<f64> {
        let text = text.trim();
        let number = plain_digits(text).parse::<f64>().ok().filter(|number| (0.0..1e12).contains(number));
        if number.is_none() && !text.is_empty() {
            let said = match self.lang {
                Lang::Zh => format!("“{text}”不是价格：请只填数字，例如 1200。"),
                Lang::En => format!("\"{text}\" is no price; a number such as 1200 is."),
            };
            wrong.push(Wrong { line: name.to_owned(), said });
        }
        number
    }

    /// A pair with its datum; a pair that was pasted whole into the first line is taken apart.
    fn place(&self, lon: &str, lat: &str, datum: &str) -> Result<Value, Wrong> {
        let wrong = |line: &str, zh: &str, en: &str| {
            Err(Wrong { line: line.to_owned(), said: self.lang.say(zh, en).to_owned() })
        };
        let (lon, lat) = match lon.split_once([',', '，', ' ']) {
            Some((lon, rest)) if lat.is_empty() || rest.trim() == lat => (lon.trim(), rest.trim()),
            _ => (lon, lat),
        };
        if lon.is_empty() && lat.is_empty() {
            return Ok(Value::Null);
        }
        let number = |text: &str, most: f64| text.parse::<f64>().ok().filter(|number| number.abs() <= most);
        let Some(lon) = number(lon, 180.0) else {
            return wrong("lon", "经度要填数字，例如 118.296。", "The longitude is a number such as 118.296.");
        };
        let Some(lat) = number(lat, 90.0) else {
            return wrong("lat", "纬度要填数字，例如 33.961。", "The latitude is a number such as 33.961.");
        };
        if datum.is_empty() {
            return wrong("datum", "请选坐标是从哪种地图上看来的。", "Choose which map the pair was read from.");
        }
        Ok(json!({"lon": lon, "lat": lat, "datum": datum}))
    }

    /// A rating of one scheme; what has no line here is kept as it was.
    fn rating(
        &self,
        scheme: &str,
        before: Option<&Rating>,
        part: &dyn Fn(&str) -> String,
    ) -> Result<Option<Value>, Wrong> {
        let mut rating =
            before.and_then(|rating| serde_json::to_value(rating).ok()).unwrap_or_else(|| json!({"scheme": scheme}));
        let wrong = |name: &str, said: String| Wrong { line: rating_line(scheme, name), said };
        let level = part("level");
        for (name, how) in RATING.iter().filter(|(_, how)| *how != How::Level) {
            let text = part(name);
            rating[*name] = match text.is_empty() {
                true => Value::Null,
                false if level.is_empty() => {
                    let said = self.lang.say(
                        "填了评定的日期或机关而没有级别：请选级别，或把它们清空。",
                        "A day or an issuer without a level: choose the level, or empty them.",
                    );
                    return Err(wrong("level", said.to_owned()));
                }
                false if *how == How::Day => json!(day(self.lang, &text).map_err(|said| wrong(name, said))?),
                false => json!(text),
            };
        }
        if rating["rated_on"].as_str().is_some_and(|day| *day > *self.atlas.today().to_string()) {
            return Err(wrong("rated_on", not_yet(self.lang).to_owned()));
        }
        // Days that were read are written alike, so they compare as texts.
        if matches!((rating["rated_on"].as_str(), rating["valid_until"].as_str()), (Some(from), Some(until)) if until < from)
        {
            let said = self.lang.say(
                "有效期在评定日期之前，请改正；换了新评定的，可以清空，按规定算。",
                "It ends before the day of rating; correct it, or empty it after a new rating.",
            );
            return Err(wrong("valid_until", said.to_owned()));
        }
        rating["level"] = level.parse::<u8>().map_or(Value::Null, |level| json!(level));
        Ok((!level.is_empty()).then_some(rating))
    }
}

/// What is said of a day on which nothing can have been counted or given.
pub fn not_yet(lang: Lang) -> &'static str {
    lang.say("这一天还没有到：请填今天或更早的日期。", "This day has not come yet: give today or an earlier day.")
}

fn day(lang: Lang, text: &str) -> Result<String, String> {
    let day = text.replace(['/', '.'], "-").parse::<chrono::NaiveDate>();
    day.map(|day| day.to_string()).map_err(|_| match lang {
        Lang::Zh => format!("“{text}”不是日期：请写成 2026-11-22 这样。"),
        Lang::En => format!("\"{text}\" is no day; write it such as 2026-11-22."),
    })
}

#[cfg(test)]
mod tests {
    use rand::{SeedableRng, rngs::StdRng};

    use super::*;
    use crate::atlas::sample;
    use crate::care::draft::FacilityDraft;
    use crate::care::{Datum, Place};

    fn typed(lines: &[(&str, &str)]) -> Vec<Typed> {
        let told = |(name, now): &(&str, &str)| Typed { name: (*name).into(), was: String::new(), now: (*now).into() };
        lines.iter().map(told).collect()
    }

    fn read(lines: &[(&str, &str)]) -> (Value, Vec<Wrong>) {
        let atlas = sample::atlas(0, 3);
        let empty = FacilityDraft { name: "院".into(), kind: "nursing_home".into(), ..Default::default() };
        let reading = Reading { atlas: &atlas, lang: Lang::Zh, top: None };
        let (wishes, wrong) = reading.wishes(&typed(lines), &empty.create(Default::default()));
        (Value::Object(wishes), wrong)
    }

    #[test]
    fn lines_mean_wishes_and_an_empty_line_means_unknown() {
        let (wishes, wrong) = read(&[("phone", ""), ("services", "助浴；助餐"), ("price_min", "1200")]);
        let expected = json!({"phone": null, "services": ["助浴", "助餐"], "price": {"min": 1200.0, "max": null}});
        assert_eq!((wishes, wrong), (expected, vec![]));
        let (wishes, _) = read(&[("lon", "118.296, 33.961"), ("datum", "gcj02")]);
        assert_eq!(wishes, json!({"place": {"lon": 118.296, "lat": 33.961, "datum": "gcj02"}}));
    }

    #[test]
    fn every_line_that_is_wrong_is_named_with_the_remedy() {
        let lines =
            [("name", ""), ("hours", "朝九晚五"), ("price_min", "便宜"), ("lon", "118.3"), ("opened_on", "2024-02-30")];
        let (_, wrong) = read(&lines);
        let named: Vec<_> = wrong.iter().map(|wrong| wrong.line.as_str()).collect();
        assert_eq!(named, ["hours", "name", "opened_on", "price_min", "lat"]);
        assert!(
            wrong
                .iter()
                .all(|wrong| wrong.said.contains('请') || wrong.said.contains('写') || wrong.said.contains("例如"))
        );
    }

    #[test]
    fn a_rating_is_told_with_its_issuer_and_cannot_end_before_it_begins() {
        let scheme = sample::vocabulary().schemes[0].code.clone();
        let line = |part: &str| rating_line(&scheme, part);
        let told = |issuer: &str, level: &str, from: &str, until: &str| {
            let lines = [("issuer", issuer), ("level", level), ("rated_on", from), ("valid_until", until)];
            let lines = lines.map(|(part, now)| (line(part), now));
            read(&lines.iter().map(|(name, now)| (name.as_str(), *now)).collect::<Vec<_>>())
        };
        let (wishes, wrong) = told("省民政厅", "3", "2026/5/1", "");
        let rating = json!({"scheme": scheme, "level": 3, "issuer": "省民政厅", "rated_on": "2026-05-01",
                            "valid_until": null});
        assert_eq!((&wishes["ratings"], wrong), (&json!([rating]), vec![]));
        let named = |wrong: Vec<Wrong>| wrong.into_iter().map(|wrong| wrong.line).collect::<Vec<_>>();
        assert_eq!(named(told("", "3", "2026-05-01", "2025-05-01").1), [line("valid_until")]);
        assert_eq!(named(told("省民政厅", "", "", "").1), [line("level")], "an issuer of no rating");
    }

    #[test]
    fn a_facility_told_again_line_by_line_is_the_same_facility() {
        let mut rng = StdRng::seed_from_u64(20);
        let atlas = sample::atlas(0, 3);
        let reading = Reading { atlas: &atlas, lang: Lang::En, top: None };
        for number in 0..200 {
            let mut facility = sample::any_facility(&mut rng, number);
            // As the record keeps it: ratings of known schemes in order, prices and hours that can be.
            facility.ratings.retain(|rating| atlas.vocabulary().scheme(&rating.scheme).is_some());
            facility.ratings.sort_by(|a, b| a.scheme.cmp(&b.scheme));
            facility.price =
                facility.price.filter(|price| price.min.zip(price.max).is_some_and(|(min, max)| min <= max));
            facility.hours = facility.hours.and_then(|hours| Hours::read(&hours).ok().map(Text::from));
            if number % 3 == 0 {
                facility.place = Some(Place::from_datum(Datum::Bd09, 118.3 + number as f64 / 1e4, 33.9));
            }
            let lines = all(atlas.vocabulary());
            let told = |line: &Line| Typed { name: line.name.clone(), was: String::new(), now: held(&facility, line) };
            // A region or kind that is no longer known, and a point that nobody has confirmed, are not offered again.
            let words = atlas.vocabulary();
            let kept = |line: &&Line| {
                line.name != "region"
                    && (line.name != "kind" || words.kind(&facility.kind).is_some())
                    && (line.field != "place" || facility.located().is_some())
            };
            let typed: Vec<_> = lines.iter().filter(kept).map(told).collect();
            let (wishes, wrong) = reading.wishes(&typed, &facility);
            assert_eq!(wrong, vec![], "{facility:?}");
            assert_eq!(fields::with(&facility, &wishes, atlas.vocabulary()).expect("its own values"), facility);
        }
    }
}
