//! Compare two or three facilities of one category: what differs stands first.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse, web};
use maud::{Markup, html};

use super::{card, hours, words};
use crate::atlas::{Atlas, Entry};
use crate::http::frame::{Address, Frame};
use crate::http::named::named;
use crate::http::{App, Lang, Parameters, Problem};

/// As many as fit side by side.
const MOST: usize = 3;

/// One attribute of all that are compared.
struct Row {
    name: &'static str,
    /// `None`: not registered.
    values: Vec<Option<String>>,
}

pub async fn compare(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_form(&request, &["ids"]);
    let ids = parameters.all("ids");
    parameters.finish()?;
    let atlas = app.atlas();
    let mut entries: Vec<Arc<Entry>> = Vec::new();
    for id in &ids {
        let entry = named(&atlas, id)?;
        if !entries.iter().any(|known| known.facility.id == entry.facility.id) {
            entries.push(entry.clone());
        }
    }
    let mut frame = Frame::new(&app, &request, Lang::of(&request).say("比较机构", "Compare facilities"));
    let lang = frame.lang;
    frame.wide = true;
    frame.demo = entries.iter().any(|entry| entry.facility.demo);
    let category = |entry: &Arc<Entry>| words::category(&atlas, &entry.facility.kind).0;
    let mixed = entries.windows(2).any(|pair| category(&pair[0]) != category(&pair[1]));
    let why = if entries.len() < 2 {
        Some(lang.say(
            "请选 2 到 3 家来比较。在查找结果里，勾上“选中比较”。",
            "Choose 2 or 3 to compare: tick them in the results of a search.",
        ))
    } else if entries.len() > MOST {
        Some(lang.say("最多同时比较 3 家。请去掉几家。", "At most 3 can be compared at a time. Remove some."))
    } else if mixed {
        Some(lang.say(
            "只能比较同一类机构。请去掉不同类的。",
            "Only facilities of one category can be compared. Remove those that differ.",
        ))
    } else {
        None
    };
    let base = |without: usize| {
        let kept = entries.iter().enumerate().filter(|(at, _)| *at != without);
        kept.fold(Address::new("/compare"), |address, (_, entry)| address.and("ids", entry.facility.id))
    };
    Ok(frame.answer(html! {
        h1 { (lang.say("比较机构", "Compare facilities")) }
        @match why {
            Some(why) => {
                div.notice { p { (why) } }
                ul.row-links {
                    @for (at, entry) in entries.iter().enumerate() {
                        li { a.row href=(format!("/f/{}", entry.facility.id)) { span lang="zh-CN" { (entry.facility.name) }
                                 span.quiet { (words::kind_name(&atlas, lang, &entry.facility.kind)) } }
                             p { a href=(base(at)) { (lang.say("去掉 ", "Remove ")) span lang="zh-CN" { (entry.facility.name) } } } }
                    }
                }
                p { a.button.second href="/" { (lang.say("回去查找", "Back to search")) } }
            }
            None => (table(&app, &atlas, lang, &entries, &base)),
        }
    }))
}

fn table(app: &App, atlas: &Atlas, lang: Lang, entries: &[Arc<Entry>], without: &dyn Fn(usize) -> Address) -> Markup {
    let mut rows = rows(app, atlas, lang, entries);
    let same = |row: &Row| row.values.windows(2).all(|pair| pair[0] == pair[1]);
    // Stable: among those that differ, and among those that do not, the order of importance stays.
    rows.sort_by_key(|row| same(row));
    let caption = lang.say("不同的项目排在前面", "What differs stands first");
    html! {
        div.scroll role="region" aria-label=(caption) tabindex="0" {
            table.cards.stacked {
                caption { (caption) }
                thead { tr {
                    th scope="col" { (lang.say("项目", "Attribute")) }
                    @for entry in entries { th scope="col" { a lang="zh-CN" href=(format!("/f/{}", entry.facility.id)) { (entry.facility.name) } } }
                } }
                tbody {
                    @for row in &rows {
                        tr {
                            th scope="row" { (row.name) @if same(row) { span.quiet { (lang.say("（相同）", " (same)")) } } }
                            @for (value, entry) in row.values.iter().zip(entries) {
                                td data-label=(entry.facility.name) { @match value { Some(value) => (words::told(value)), None => (words::unknown(lang)) } }
                            }
                        }
                    }
                }
            }
        }
        @for (at, entry) in entries.iter().enumerate() {
            section.item {
                h2 { a lang="zh-CN" href=(format!("/f/{}", entry.facility.id)) { (entry.facility.name) } }
                div.buttons {
                    @if let Some(phone) = &entry.facility.phone { (card::call_button(lang, phone)) }
                    a.button.second href=(format!("/f/{}/go", entry.facility.id)) { (lang.say("怎么去", "Directions")) }
                    a.button.second href=(without(at)) { (lang.say("不比较这家", "Remove from comparison")) }
                }
            }
        }
    }
}

fn rows(app: &App, atlas: &Atlas, lang: Lang, entries: &[Arc<Entry>]) -> Vec<Row> {
    let all = |read: &dyn Fn(&Entry) -> Option<String>| entries.iter().map(|entry| read(entry)).collect();
    let own = |read: fn(&Entry) -> Option<&str>| -> Vec<Option<String>> {
        entries.iter().map(|entry| read(entry).map(str::to_owned)).collect()
    };
    let mut rows = vec![
        Row {
            name: lang.say("空余", "Free places"),
            values: all(&|entry| {
                let held = entry.facility.capacity.first()?;
                let stale = if held.stale(atlas.today(), &atlas.zone()) {
                    lang.say("；数字较旧", "; an old figure")
                } else {
                    ""
                };
                let dated = words::figure_date(app, lang, held);
                Some(format!("{}{}{dated}{stale}", words::capacity(atlas, lang, held), lang.say("；", "; ")))
            }),
        },
        Row {
            name: lang.say("费用", "Fees"),
            values: all(&|entry| words::price(lang, entry.facility.price.as_deref()?)),
        },
        Row {
            name: lang.say("等级", "Rating"), values: all(&|entry| words::rating(atlas, lang, &entry.facility, 0))
        },
        Row {
            name: lang.say("类型", "Kind"),
            values: all(&|entry| Some(words::kind_name(atlas, lang, &entry.facility.kind).to_owned())),
        },
        Row {
            name: lang.say("状态", "Status"),
            values: all(&|entry| Some(words::status(lang, entry.facility.status).to_owned())),
        },
        Row {
            name: lang.say("开放时间", "Opening hours"),
            values: all(&|entry| {
                let week = hours::week(lang, entry.hours()?, atlas.today());
                let days: Vec<String> = week.into_iter().map(|(days, said)| format!("{days} {said}")).collect();
                Some(days.join(lang.say("；", "; ")))
            }),
        },
    ];
    rows.push(Row {
        name: lang.say("服务", "Services"),
        values: all(&|entry| {
            let services = &entry.facility.services;
            (!services.is_empty()).then(|| services.join("、"))
        }),
    });
    rows.push(Row { name: lang.say("性质", "Ownership"), values: own(|entry| entry.facility.ownership.as_deref()) });
    rows.push(Row {
        name: lang.say("运营单位", "Operator"), values: own(|entry| entry.facility.operator.as_deref())
    });
    rows.push(Row { name: lang.say("地址", "Address"), values: own(|entry| entry.facility.address.as_deref()) });
    rows.push(Row { name: lang.say("电话", "Phone"), values: own(|entry| entry.facility.phone.as_deref()) });
    rows
}
