//! Directions: links that open a map with the way there. Built here, so that no other site is asked before one is pressed.

use actix_web::{HttpRequest, HttpResponse, web};
use maud::html;

use super::{card, words};
use crate::care::{Level, Place, place};
use crate::http::frame::{Address, Frame, escape};
use crate::http::named::named;
use crate::http::{App, Lang, Parameters, Problem};

/// How one goes there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    Walk,
    Car,
}

pub async fn go(app: web::Data<App>, request: HttpRequest, id: web::Path<String>) -> Result<HttpResponse, Problem> {
    Parameters::of_form(&request, &[]).finish()?;
    let atlas = app.atlas();
    let entry = named(&atlas, &id)?;
    let facility = &entry.facility;
    let lang = Lang::of(&request);
    let title = match lang {
        Lang::Zh => format!("怎么去 {}", facility.name),
        Lang::En => format!("Directions to {}", facility.name),
    };
    let mut frame = Frame::new(&app, &request, title);
    frame.demo = facility.demo;
    frame.json = Some(Address::new(format!("/api/v1/facilities/{}", facility.id)));
    // One walks to a meal and drives to a home.
    let mode = match words::category(&atlas, &facility.kind).0 {
        "meals" | "community" | "relief" => Mode::Walk,
        _ => Mode::Car,
    };
    let path = facility.region.as_deref().map(|code| atlas.regions().path(code)).unwrap_or_default();
    let city = path.iter().find(|region| region.level == Level::City).map(|region| &*region.name);
    Ok(frame.answer(html! {
        p.crumbs { a href=(format!("/f/{}", facility.id)) { (lang.say("返回 ", "Back to ")) span lang="zh-CN" { (facility.name) } } }
        h1 { (lang.say("怎么去", "Directions")) }
        p.big lang="zh-CN" { (facility.name) }
        @match facility.located() {
            Some(place) => {
                p { (lang.say("选一个地图，打开后就能导航：", "Choose a map; it opens with the way there:")) }
                ul.list {
                    @for (name, address) in links(lang, place, &facility.name, city, mode) {
                        li { a.button.second.full href=(address) { (name) } br; }
                    }
                }
                p.quiet { (lang.say("微信里打不开时，点右上角，选“在浏览器打开”。", "If it does not open inside WeChat, press the top right corner and choose the browser.")) }
            }
            None => div.notice { p { (lang.say("这家机构的位置还没有确认。请按地址问路，或先打电话。",
                                               "The position of this place is not confirmed. Ask by its address, or call first.")) } },
        }
        h2 { (lang.say("地址", "Address")) }
        @match &facility.address {
            Some(address) => { p.copy lang="zh-CN" { (address) }
                p.quiet { (lang.say("长按上面的地址可以复制。", "Press and hold the address to copy it.")) } }
            None => p { (words::unknown(lang)) },
        }
        h2 { (lang.say("电话", "Phone")) }
        @match &facility.phone { Some(phone) => div.buttons { (card::call_button(lang, phone)) }, None => p { (words::unknown(lang)) } }
    }))
}

/// The ways to open a map. Those of China take GCJ-02, so the point is shifted here; `geo:` takes WGS 84 as it is.
pub fn links(lang: Lang, place: &Place, name: &str, city: Option<&str>, mode: Mode) -> Vec<(&'static str, String)> {
    let (x, y) = place::wgs84_to_gcj02(place.lon, place.lat);
    let (x, y) = (format!("{x:.6}"), format!("{y:.6}"));
    // A comma or a bar inside the name would end it.
    let title = escape(&name.replace([',', '|'], " "));
    let walk = mode == Mode::Walk;
    let (amap, baidu, tencent, apple) =
        if walk { ("walk", "walking", "walk", "w") } else { ("car", "driving", "drive", "d") };
    let city = city.map(|city| format!("&region={}", escape(city))).unwrap_or_default();
    let Place { lon, lat, .. } = place;
    vec![
        (
            lang.say("高德地图", "Amap (Gaode)"),
            format!(
                "https://uri.amap.com/navigation?to={x},{y},{title}&mode={amap}&policy=0&src=silveratlas&callnative=1"
            ),
        ),
        (
            lang.say("百度地图", "Baidu Maps"),
            format!(
                "https://api.map.baidu.com/direction?destination=latlng:{y},{x}%7Cname:{title}&mode={baidu}{city}\
                 &output=html&coord_type=gcj02&src=webapp.silveratlas.silveratlas"
            ),
        ),
        (
            lang.say("腾讯地图", "Tencent Maps"),
            format!(
                "https://apis.map.qq.com/uri/v1/routeplan?type={tencent}&to={title}&tocoord={y},{x}&coord_type=2&referer=silveratlas"
            ),
        ),
        (lang.say("苹果地图", "Apple Maps"), format!("https://maps.apple.com/?daddr={y},{x}&dirflg={apple}")),
        (
            lang.say("手机默认地图", "The phone's own map"),
            format!("geo:{lat:.6},{lon:.6}?q={lat:.6},{lon:.6}({title})"),
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_maps_of_china_get_the_shifted_point_and_the_phone_the_true_one() {
        let links = links(Lang::Zh, &Place::wgs84(121.4737, 31.2304), "示例,食堂", Some("上海市"), Mode::Walk);
        let at = |name: &str| &links.iter().find(|(known, _)| *known == name).expect("a link").1;
        assert!(at("高德地图").contains("to=121.478223,31.228458,%E7%A4%BA%E4%BE%8B%20%E9%A3%9F%E5%A0%82&mode=walk"));
        assert!(at("百度地图").contains("latlng:31.228458,121.478223%7Cname:"), "latitude first");
        assert!(at("百度地图").contains("&region=%E4%B8%8A%E6%B5%B7%E5%B8%82&output=html&coord_type=gcj02"));
        assert!(at("腾讯地图").contains("tocoord=31.228458,121.478223&coord_type=2"));
        assert!(at("手机默认地图").starts_with("geo:31.230400,121.473700?q="));
    }
}
