//! The accessibility statement: what was built for, how it is checked, what is not done.

use actix_web::{HttpRequest, HttpResponse, web};
use maud::html;

use crate::http::frame::{Frame, help_line};
use crate::http::{App, Lang, Parameters, Problem};

pub async fn statement(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    Parameters::of_form(&request, &[]).finish()?;
    let frame = Frame::new(&app, &request, Lang::of(&request).say("无障碍声明", "Accessibility statement"));
    let lang = frame.lang;
    let built = [
        (
            "正文至少 18 像素，行距至少 1.5 倍；点“大字”可放大到 30 像素。",
            "Text is at least 18 px with a line height of at least 1.5; “Large text” makes it 30 px.",
        ),
        (
            "主要按钮至少 60×60 像素，其他至少 44×44 像素。",
            "Main buttons are at least 60 by 60 px, all others at least 44 by 44.",
        ),
        ("点“高对比”可换成黑底白字黄链接。", "“High contrast” turns pages to white on black with yellow links."),
        ("所有功能都能只用键盘完成，焦点看得见。", "Everything can be done by keyboard, and the focus is visible."),
        (
            "不开 JavaScript，每一页都完整；地图下面总有同样内容的清单。",
            "Every page is whole without JavaScript; below every map stands the same as a list.",
        ),
        (
            "没有弹窗、广告、自动播放和验证码，也不向别的网站要任何东西。",
            "No pop-ups, advertisements, autoplay or captchas, and nothing is asked of other sites.",
        ),
        ("不靠颜色表达意思：每个标记都有文字或形状。", "No meaning by colour alone: every mark has a word or a shape."),
    ];
    let open = [
        (
            "地图本身不能用读屏软件逐点浏览；请用下面的清单。",
            "The map itself cannot be read point by point with a screen reader; use the list below it.",
        ),
        ("机构名称、地址和备注只有中文。", "Names, addresses and notes of facilities are in Chinese only."),
        (
            "没有由残障人士做过正式测试；这里写的是自动检查的结果。",
            "No formal test with disabled people has been done; what is said here was checked by programs.",
        ),
    ];
    Ok(frame.answer(html! {
        h1 { (lang.say("无障碍声明", "Accessibility statement")) }
        p { (lang.say("本站给老人和他们的家人用，目标是 WCAG 2.2 AA 级、《信息技术 互联网内容无障碍可访问性技术要求与测试方法》（GB/T 37668-2019）二级和适老化规范。",
                      "This site is for older people and their families. It aims at WCAG 2.2 level AA, GB/T 37668-2019 level 2 and the national rules on design for old age.")) }
        h2 { (lang.say("已经做到的", "What is done")) }
        ul { @for (zh, en) in built { li { (lang.say(zh, en)) } } }
        h2 { (lang.say("还没做到的", "What is not done")) }
        ul { @for (zh, en) in open { li { (lang.say(zh, en)) } } }
        h2 { (lang.say("怎么检查的", "How it is checked")) }
        p { (lang.say("每次修改都用真实的浏览器检查每一页：中文和英文，手机和电脑的宽度，开和不开 JavaScript；用 axe-core 规则，再加上字号、行距、按钮大小、焦点和横向滚动的检查。",
                      "Every change is checked page by page in a real browser: Chinese and English, phone and desktop width, with and without JavaScript, with the rules of axe-core and checks of our own for text size, line height, targets, focus and sideways scrolling.")) }
        h2 { (lang.say("遇到困难？", "In difficulty?")) }
        p { (lang.say("请告诉管理本站的单位，并说明是哪一页。", "Tell the operator of this site, and say on which page.")) }
        (help_line(&app, lang))
    }))
}
