//! The ledger of programme figures, and published figures: what the bureau keeps beside its facilities, listed and filled in.

use actix_web::http::StatusCode;
use actix_web::{HttpRequest, HttpResponse};
use chrono::{Datelike, NaiveDate};
use maud::{Markup, html};

use super::kept_form::{self, Asked, Choices, Sheet, Typed, deeds, form, keeps, region_of};
use super::plan_figures::figure;
use super::{plan_tabs, words};
use crate::atlas::Atlas;
use crate::care::programme::{Measured, QUALIFIERS};
use crate::care::{Claim, ProgrammeFigure, indicator};
use crate::http::frame::{Address, Frame};
use crate::http::{App, Lang, Problem};

/// Rows on a page; the download has them all.
const SHOWN: usize = 300;

fn qualifiers(lang: Lang) -> Choices {
    vec![(lang.say("怎么印的", "As it is printed"), QUALIFIERS.map(|word| (word.to_owned(), word.to_owned())).to_vec())]
}

fn measured(lang: Lang, measured: Measured) -> &'static str {
    match measured {
        Measured::Stock => lang.say("存量：到那一天有多少", "stock: how many there are on the day"),
        Measured::Flow => lang.say("期间数：这段时间里有多少", "flow: how many in the period"),
        Measured::Cumulative => lang.say("累计：从开始到那一天", "cumulative: from the start to the day"),
    }
}

impl Sheet for ProgrammeFigure {
    const WORD: &'static str = "programmes";
    const NAME: (&'static str, &'static str) = ("项目数据", "programme figure");

    fn choices(name: &str, lang: Lang, _: &Atlas, _: &str) -> Choices {
        let each = [Measured::Stock, Measured::Flow, Measured::Cumulative];
        match name {
            "measure" => {
                let all = each.map(|known| (known.code().to_owned(), measured(lang, known).to_owned()));
                vec![("", all.to_vec())]
            }
            "qualifier" => qualifiers(lang),
            _ => Vec::new(),
        }
    }

    fn hint(name: &str, lang: Lang) -> Option<&'static str> {
        Some(match name {
            "programme" => lang.say(
                "项目代码，例如 retrofit；已知的在上面的单子里",
                "Code of the programme, such as retrofit; known ones are listed above",
            ),
            "metric" => lang.say("数的是什么，例如 households", "What is counted, such as households"),
            "value" => lang.say(
                "只填数字；“余”“约”另选。比例填 0 到 1",
                "Digits only; 余 or 约 stand apart. A share is from 0 to 1",
            ),
            "unit" => lang.say("户、人、人次、元；比例填 share", "户, 人, 人次, 元; share for a share"),
            "period_to" => lang.say("期间数要填", "A flow needs it"),
            "as_of" => lang.say("存量和累计要填", "A stock and a cumulative figure need it"),
            _ => return None,
        })
    }

    async fn page(
        app: &App,
        request: &HttpRequest,
        asked: Asked,
        status: StatusCode,
        typed: &Typed,
        saved: bool,
    ) -> Result<HttpResponse, Problem> {
        let lang = Lang::of(request);
        let title = lang.say("项目台账", "Ledger of programmes");
        let says = lang.say(
            "不是机构的工作也要有数：适老化改造、探访、补贴……每个数写明是存量、期间数还是累计，怎么印的，出自哪里，管到哪一天。",
            "What is done that is no facility: retrofits, visits, allowances. Each figure says whether it is a stock, a flow or cumulative, how it was printed, whence it comes and for which day it speaks.",
        );
        let known = known(lang, asked.0.as_deref());
        list::<ProgrammeFigure>(app, request, asked, status, typed, saved, (title, says), known).await
    }
}

impl Sheet for Claim {
    const WORD: &'static str = "claims";
    const NAME: (&'static str, &'static str) = ("公布数", "published figure");

    fn choices(name: &str, lang: Lang, _: &Atlas, _: &str) -> Choices {
        match name {
            "indicator" => {
                let line = |one: &indicator::Indicator| {
                    (one.line.to_string(), format!("{} {}", one.line, lang.say(&one.zh, &one.en)))
                };
                vec![("", indicator::table().indicators.iter().map(line).collect())]
            }
            "qualifier" => qualifiers(lang),
            _ => Vec::new(),
        }
    }

    fn hint(name: &str, lang: Lang) -> Option<&'static str> {
        match name {
            "value" => Some(lang.say("按指标的单位；比例填 0 到 1", "In the indicator's unit; a share is from 0 to 1")),
            "source" => Some(lang.say("哪份报告、哪一页", "Which report, which page")),
            _ => None,
        }
    }

    async fn page(
        app: &App,
        request: &HttpRequest,
        asked: Asked,
        status: StatusCode,
        typed: &Typed,
        saved: bool,
    ) -> Result<HttpResponse, Problem> {
        let lang = Lang::of(request);
        let title = lang.say("公布数", "Published figures");
        let says = lang.say(
            "别人公布过的数，只放在登记簿算出的数旁边对照，从不写进登记簿。对照的结果在报表里。",
            "Figures that were published: they stand beside what the record gives and never enter it. The report says whether they agree.",
        );
        list::<Claim>(app, request, asked, status, typed, saved, (title, says), html! {}).await
    }
}

/// A row of the list.
trait Listed: Sheet {
    /// The day for which it speaks.
    fn speaks_for(&self) -> Option<NaiveDate>;
    /// What it is about.
    fn about(&self, lang: Lang) -> Markup;
    fn number(&self) -> Markup;
    fn when(&self, lang: Lang) -> Markup;
    fn whence(&self) -> (Option<&str>, bool);
}

impl Listed for ProgrammeFigure {
    fn speaks_for(&self) -> Option<NaiveDate> {
        self.day()
    }

    fn about(&self, lang: Lang) -> Markup {
        let code = self.code();
        html! { @match indicator::metric(&code) { Some(metric) => (words::mixed(lang.say(&metric.zh, &metric.en))), None => code lang="en" { (code) } } }
    }

    fn number(&self) -> Markup {
        figure(self.value, self.unit.as_deref().unwrap_or_default(), self.qualifier.as_deref())
    }

    fn when(&self, lang: Lang) -> Markup {
        html! {
            (measured(lang, self.measure)) br;
            @if let (Some(from), Some(to)) = (self.period_from, self.period_to) { span.number { (from) " – " (to) } }
            @else if let Some(day) = self.day() { (lang.say("截至 ", "as of ")) span.number { (day) } }
        }
    }

    fn whence(&self) -> (Option<&str>, bool) {
        (self.source.as_deref(), self.demo)
    }
}

impl Listed for Claim {
    fn speaks_for(&self) -> Option<NaiveDate> {
        self.as_of
    }

    fn about(&self, lang: Lang) -> Markup {
        let line = indicator::of_line(&self.indicator);
        html! { span.number { (self.indicator) } " " @if let Some(line) = line { (words::mixed(lang.say(&line.zh, &line.en))) }
        br; a href=(Address::new("/plan/report").with("region", &self.region)) { (lang.say("在报表里对照", "Compare in the report")) } }
    }

    fn number(&self) -> Markup {
        let unit = indicator::of_line(&self.indicator).map_or("", |line| &line.unit);
        figure(self.value, unit, self.qualifier.as_deref())
    }

    fn when(&self, lang: Lang) -> Markup {
        html! { @match self.as_of { Some(day) => { (lang.say("截至 ", "as of ")) span.number { (day) } }, None => (words::unknown(lang)) } }
    }

    fn whence(&self) -> (Option<&str>, bool) {
        (self.source.as_deref(), self.demo)
    }
}

/// The figures that have a name, each a link that fills in its codes.
fn known(lang: Lang, region: Option<&str>) -> Markup {
    let there = |code: &str, unit: &str| {
        let (programme, metric) = code.split_once('.').unwrap_or((code, ""));
        let there = Address::new("/plan/programmes").with("programme", programme).with("metric", metric);
        let there = if unit.is_empty() { there } else { there.with("unit", unit) };
        region.map_or(there.clone(), |region| there.with("region", region))
    };
    html! {
        details {
            summary { (lang.say("有名字的项目数据（点一个，代码就填好了）", "Figures that have a name (choose one, and its codes are filled in)")) }
            ul.row-links { @for metric in &indicator::table().metrics {
                li { a href={ (there(&metric.code, &metric.unit)) "#row" } { (words::mixed(lang.say(&metric.zh, &metric.en))) } " " code.quiet lang="en" { (metric.code) } }
            } }
        }
    }
}

#[expect(clippy::too_many_arguments, reason = "each is a part of the page of its own")]
async fn list<T: Listed>(
    app: &App,
    request: &HttpRequest,
    (region, year): Asked,
    status: StatusCode,
    typed: &Typed,
    saved: bool,
    (title, says): (&str, &str),
    before_form: Markup,
) -> Result<HttpResponse, Problem> {
    let (lang, atlas) = (Lang::of(request), app.atlas());
    let who = app.signed_in(request).await?;
    let mut rows: Vec<T> = app.registry.kept(None).await?;
    rows.retain(|row| {
        region.as_ref().is_none_or(|above| atlas.regions().is_within(region_of(&atlas, row), above))
            && year.is_none_or(|year| row.speaks_for().is_some_and(|day| day.year() == year))
    });
    rows.sort_by_cached_key(|row| (region_of(&atlas, row).clone(), format!("{:?}", row.key())));
    let mut frame = Frame::new(app, request, title);
    frame.wide = true;
    frame.demo = rows.iter().any(|row| row.whence().1);
    let list = Address::of(request).only(&["region", "year"]).at(&format!("/api/v1/{}", T::WORD));
    frame.json = Some(list.clone());
    let keeps = who.as_ref().is_some_and(keeps);
    let heads = [lang.say("数值", "Figure"), lang.say("什么时候的", "For when"), lang.say("来源", "Source")];
    let body = html! {
        (plan_tabs::tabs(lang, &format!("/plan/{}", T::WORD)))
        h1 { (title) }
        @if saved { div.notice role="status" { h2 { (lang.say("已保存", "Saved")) } } }
        p { (says) }
        (kept_form::choice::<T>(&atlas, lang, (region.as_deref(), year)))
        p role="status" { (words::count(rows.len() as u64)) (lang.say(" 条", " rows")) @if rows.len() > SHOWN { (lang.say("，先列 ", ", the first ")) (SHOWN) (lang.say(" 条，全部在下载里", " of them; the download has them all")) } }
        @if !rows.is_empty() {
            div.scroll tabindex="0" role="region" aria-label=(title) {
                table.cards {
                    caption { (title) }
                    thead { tr { th scope="col" { (lang.say("地区和项目", "Region and subject")) } th.n scope="col" { (heads[0]) } th scope="col" { (heads[1]) } th scope="col" { (heads[2]) } } }
                    tbody { @for row in rows.iter().take(SHOWN) { @let (source, demo) = row.whence(); @let code = region_of(&atlas, row);
                        tr {
                            th scope="row" {
                                (words::told(atlas.regions().get(code).map_or(code, |region| &region.name))) br; (row.about(lang))
                                @if demo { " " span.tag.demo { (lang.say("演示", "demo")) } }
                                (deeds(&atlas, lang, who.as_ref(), row))
                            }
                            td.n data-label=(heads[0]) { (row.number()) }
                            td data-label=(heads[1]) { (row.when(lang)) }
                            td data-label=(heads[2]) { @match source { Some(source) => (words::told(source)), None => (words::unknown(lang)) } }
                        }
                    } }
                }
            }
            p { a.button.second href=(list.with("format", "csv")) { (lang.say("下载（CSV 表格）", "Download (CSV)")) } }
        }
        @if keeps { (before_form) (form::<T>(&atlas, request, lang, typed)) }
        p.source { (lang.say("登记簿第 ", "Record: revision ")) (atlas.revision()) (lang.say(" 版，", ", ")) span.number { (app.live.as_of().with_timezone(&atlas.zone()).format("%Y-%m-%d %H:%M")) } }
    };
    Ok(if keeps { frame.answer_private(status, body) } else { frame.answer(body) })
}
