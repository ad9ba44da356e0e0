//! A manager's figures: one number, one button; and what to do when somebody else was quicker.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::capacity_conflict::quicker;
use super::interrupted::{self, sender};
use super::keeping::seen_at;
use super::sign_in::{sealed, see, somebody};
use super::words;
use crate::atlas::{Atlas, Entry};
use crate::care::draft::{CapacityDraft, Figure};
use crate::care::{Capacity, Deed, Entity, Facility};
use crate::http::frame::{Address, Frame};
use crate::http::named::named;
use crate::http::parameters::plain_digits;
use crate::http::review::tell;
use crate::http::who::{allow, ground};
use crate::http::{App, Lang, Parameters, Problem};
use crate::registry::RegistryError;

const TYPED: [&str; 5] = ["measure", "free", "total", "nursing", "occupied"];

/// What was typed into the form of one measure.
#[derive(Debug, Clone, Default)]
pub struct Typed {
    pub measure: String,
    pub free: Option<String>,
    total: Option<String>,
    nursing: Option<String>,
    occupied: Option<String>,
}

impl Typed {
    fn read(parameters: &mut Parameters) -> Typed {
        let measure = parameters.text("measure").unwrap_or_default();
        let mut number = |name| parameters.text(name).map(|text| plain_digits(&text));
        Typed {
            measure,
            free: number("free"),
            total: number("total"),
            nursing: number("nursing"),
            occupied: number("occupied"),
        }
    }

    /// The figures, or what is wrong with them and what would be right.
    pub fn draft(&self, lang: Lang, held: Option<&Capacity>) -> Result<CapacityDraft, String> {
        let number = |text: &Option<String>, name: &str| match text {
            None => Ok(None),
            Some(text) => text.parse::<u32>().map(Some).map_err(|_| match lang {
                Lang::Zh => format!("“{text}”不是{name}：请填 0 或更大的整数。"),
                Lang::En => format!("\"{text}\" is no {name}: a whole number from 0 is."),
            }),
        };
        let total = number(&self.total, lang.say("总数", "total"))?;
        let nursing = number(&self.nursing, lang.say("护理型数", "number for nursing"))?;
        let mut occupied = number(&self.occupied, lang.say("已占数", "number taken"))?;
        let limit = total.or(held.and_then(|held| held.total));
        if let Some(free) = number(&self.free, lang.say("空余数", "free number"))? {
            let Some(limit) = limit else {
                return Err(lang
                    .say("还没有登记总数，请先填总数。", "The total is not registered; please give it first.")
                    .to_owned());
            };
            if free > limit {
                return Err(match lang {
                    Lang::Zh => format!("空余 {free} 超过了总数 {limit}：请填 0 到 {limit}。"),
                    Lang::En => format!("{free} free is more than the total of {limit}: 0 to {limit} is right."),
                });
            }
            // Told again as it stands, a full house that is over its capacity stays as it is.
            let same = held
                .is_some_and(|held| held.free() == Some(free) && total.is_none_or(|total| held.total == Some(total)));
            occupied = if same { held.and_then(|held| held.occupied) } else { Some(limit - free) };
        }
        if total.or(nursing).or(occupied).is_none() {
            return Err(lang.say("请填一个数字。", "Please give a number.").to_owned());
        }
        let most = nursing.or(held.and_then(|held| held.nursing));
        if let (Some(nursing), Some(limit)) = (most, limit)
            && nursing > limit
        {
            return Err(match lang {
                Lang::Zh => format!("护理型 {nursing} 超过了总数 {limit}。"),
                Lang::En => format!("{nursing} for nursing is more than the total of {limit}."),
            });
        }
        let figure = |number: Option<u32>| number.map_or(Figure::Kept, Figure::Told);
        let (total, nursing, occupied) = (figure(total), figure(nursing), figure(occupied));
        Ok(CapacityDraft {
            measure: self.measure.as_str().into(),
            total,
            nursing,
            occupied,
            ..CapacityDraft::default()
        })
    }
}

pub async fn form(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_form(&request, &["saved"]);
    let saved = parameters.number("saved", 1..=i64::MAX, "number of a change");
    parameters.finish()?;
    let who = match somebody(&app, &request, &Address::new(format!("/f/{id}/capacity"))).await? {
        Ok(who) => who,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let entry = named(&atlas, &id)?;
    allow(&who, Deed::Tell, &ground(&atlas, &entry.facility))?;
    let said = match saved {
        Some(seq) => confirmation(&app, &atlas, &request, &entry.facility, seq).await?,
        None => None,
    };
    let seen = entry.facility.version;
    Ok(page(&app, &request, &atlas, entry, seen, StatusCode::OK, &Typed::default(), None, said))
}

/// What the log says of the change just made: old, new and time.
async fn confirmation(
    app: &App,
    atlas: &Atlas,
    request: &HttpRequest,
    facility: &Facility,
    seq: i64,
) -> Result<Option<Markup>, Problem> {
    let change = app.registry.change_of(Entity::Facility, &facility.id.to_string(), seq).await?;
    let Some(change) = change else { return Ok(None) };
    let read = |json: Option<serde_json::Value>| json.and_then(|json| serde_json::from_value::<Facility>(json).ok());
    let (Some(before), Some(after)) = (read(change.before), read(change.after)) else { return Ok(None) };
    let lang = Lang::of(request);
    let time = change.at.with_timezone(&atlas.zone()).format("%Y-%m-%d %H:%M");
    let told = after.capacity.iter().filter(|told| before.capacity_of(&told.measure) != Some(told));
    Ok(Some(html! {
        div.notice role="status" {
            h2 { (lang.say("已保存", "Saved")) }
            @for told in told {
                p { (lang.say("原来：", "Before: ")) (before.capacity_of(&told.measure).map_or_else(|| lang.say("未登记", "not registered").to_owned(), |held| words::capacity(atlas, lang, held))) }
                p { (lang.say("现在：", "Now: ")) strong { (words::capacity(atlas, lang, told)) } }
            }
            p { (lang.say("时间：", "Time: ")) span.number { (time) } }
            p { a href="/my" { (lang.say("返回我的机构", "Back to my facilities")) } }
        }
    }))
}

/// `seen`: the version that what was typed goes by.
#[expect(clippy::too_many_arguments, reason = "a page is made of what it shows")]
fn page(
    app: &App,
    request: &HttpRequest,
    atlas: &Atlas,
    entry: &Entry,
    seen: i64,
    status: StatusCode,
    typed: &Typed,
    error: Option<&str>,
    said: Option<Markup>,
) -> HttpResponse {
    let facility = &entry.facility;
    let lang = Lang::of(request);
    let title = lang.say("更新数字", "Update figures");
    let title = error.map_or(format!("{title} - {}", facility.name), |error| format!("{error} - {title}"));
    let mut frame = Frame::new(app, request, title);
    frame.demo = facility.demo;
    let measures = atlas.vocabulary().kind(&facility.kind).map(|kind| kind.measures.as_slice()).unwrap_or_default();
    frame.answer_private(status, html! {
        p.crumbs { a href="/my" { (lang.say("我的机构", "My facilities")) } }
        h1 lang="zh-CN" { (facility.name) }
        @if let Some(error) = error { div.notice role="alert" { h2 { (lang.say("没有保存", "Not saved")) } p { a href=(format!("#free-{}", typed.measure)) { (error) } } } }
        @if let Some(said) = said { (said) }
        @if measures.is_empty() { p { (lang.say("这类机构没有要报的数字。", "A facility of this kind has no figures to tell.")) } }
        @for measure in measures {
            @let mine = (*typed.measure == **measure).then_some(typed);
            @let seen = if mine.is_some() { seen } else { facility.version };
            (one(app, atlas, request, lang, facility, measure, (seen, mine)))
        }
    })
}

/// The form of one measure: the free number, and the rest folded away.
fn one(
    app: &App,
    atlas: &Atlas,
    request: &HttpRequest,
    lang: Lang,
    facility: &Facility,
    measure: &str,
    (seen, typed): (i64, Option<&Typed>),
) -> Markup {
    let held = facility.capacity_of(measure);
    let words = atlas.vocabulary().measure(measure);
    let name = words.map_or(measure, |words| lang.say(&words.name_zh, &words.name_en));
    let action = format!("/f/{}/capacity", facility.id);
    let total = held.and_then(|held| held.total);
    let free = held.and_then(Capacity::free);
    let kept = |typed: Option<&String>, held: Option<u32>| typed.cloned().or(held.map(|held| held.to_string()));
    let fixed = html! {
        (sealed(request))
        input type="hidden" name="version" value=(seen);
        input type="hidden" name="measure" value=(measure);
    };
    let figure = |id: &str, label: &str, value: Option<String>| {
        html! {
            div.field { label for=(format!("{id}-{measure}")) { (label) }
                input id=(format!("{id}-{measure}")) name=(id) type="text" inputmode="numeric" autocomplete="off" value=[value]; }
        }
    };
    html! {
        section.panel {
            h2 { (name) }
            @match held {
                Some(held) => p { (words::capacity(atlas, lang, held)) br; (words::capacity_date(app, lang, held)) },
                None => p { (lang.say("还没有报过", "Not told yet")) }
            }
            @if total.is_some() || typed.is_some_and(|typed| typed.free.is_some()) {
                form method="post" action=(action) {
                    (fixed)
                    (figure("free", lang.say("现在空余多少？", "How many are free now?"), typed.and_then(|typed| typed.free.clone())))
                    @if let Some(total) = total { p.hint { (lang.say("总数 ", "Total ")) (total) } }
                    button.full type="submit" { (lang.say("保存", "Save")) }
                }
            }
            @if let Some(free) = free {
                form method="post" action=(action) {
                    (fixed)
                    input type="hidden" name="free" value=(free);
                    button.full.second type="submit" { (lang.say("没有变化，还是 ", "No change, still ")) (free) }
                }
            }
            @let first = atlas.vocabulary().first_measure(&facility.kind) == Some(measure);
            details open[total.is_none() && first || typed.is_some_and(|typed| typed.free.is_none())] {
                summary { (if total.is_some() { lang.say("改总数", "Change the total") } else { lang.say("填写数字", "Give the figures") }) }
                form method="post" action=(action) {
                    (fixed)
                    (figure("total", lang.say("总数", "Total"), kept(typed.and_then(|typed| typed.total.as_ref()), total)))
                    @if measure == "beds" { (figure("nursing", lang.say("其中护理型", "Of these for nursing"), kept(typed.and_then(|typed| typed.nursing.as_ref()), held.and_then(|held| held.nursing)))) }
                    (figure("occupied", lang.say("已占用", "Taken"), kept(typed.and_then(|typed| typed.occupied.as_ref()), held.and_then(|held| held.occupied))))
                    button.full type="submit" { (lang.say("保存", "Save")) }
                }
            }
        }
    }
}

pub async fn save(
    app: web::Data<App>,
    request: HttpRequest,
    id: web::Path<String>,
    body: web::Bytes,
) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_body(&body, &[TYPED.as_slice(), &["version"]].concat());
    let typed = Typed::read(&mut parameters);
    let version = parameters.number("version", 1..=i64::MAX, "version").unwrap_or_default();
    parameters.finish()?;
    let (who, again) = match sender(&app, &request, &body).await? {
        Ok(sender) => sender,
        Err(sign_in) => return Ok(sign_in),
    };
    let atlas = app.atlas();
    let entry = named(&atlas, &id)?;
    allow(&who, Deed::Tell, &ground(&atlas, &entry.facility))?;
    let lang = Lang::of(&request);
    let shown =
        |status, error: Option<&str>, said| page(&app, &request, &atlas, entry, version, status, &typed, error, said);
    if again {
        return Ok(shown(StatusCode::FORBIDDEN, None, Some(interrupted::again(lang))));
    }
    let refused = |error: &str| Ok(shown(StatusCode::UNPROCESSABLE_ENTITY, Some(error), None));
    let (mut held, mut expected) = ((*entry.facility).clone(), version);
    loop {
        let draft = match typed.draft(lang, held.capacity_of(&typed.measure)) {
            Ok(draft) => draft,
            Err(error) => return refused(&error),
        };
        match tell(&app, &atlas, &entry.facility, expected, vec![draft], &who.actor()).await {
            Ok(written) => {
                app.show_write(written.seq).await;
                return Ok(see(&Address::new(format!("/f/{}/capacity", entry.facility.id)).with("saved", written.seq)));
            }
            // What changed meanwhile may be something else altogether: then nobody has to choose.
            Err(RegistryError::Stale(current)) => match seen_at(&app, current.id, version).await? {
                Some(seen) if same(&seen, &current, &typed.measure) && current.version > expected => {
                    (expected, held) = (current.version, *current);
                }
                _ => return quicker(&app, &request, &current, &typed).await,
            },
            Err(RegistryError::Rule { detail, .. }) => return refused(&detail),
            Err(error) => return Err(error.into()),
        }
    }
}

/// Whether the figures of a measure stand as they stood; when they were told does not matter.
fn same(seen: &Facility, now: &Facility, measure: &str) -> bool {
    let figures = |facility: &Facility| {
        let held = facility.capacity_of(measure);
        held.map(|held| (held.total, held.nursing, held.occupied))
    };
    figures(seen) == figures(now)
}

/// A role for people.
pub fn role(lang: Lang, role: &str) -> &str {
    match role {
        "manager" => lang.say("机构管理员", "the manager"),
        "bureau" => lang.say("民政部门", "the bureau"),
        "admin" => lang.say("系统管理员", "an administrator"),
        "operator" => lang.say("运行人员", "the operator"),
        "import" => lang.say("文件导入", "an import"),
        "seed" => lang.say("演示数据", "the demo data"),
        other => other,
    }
}
