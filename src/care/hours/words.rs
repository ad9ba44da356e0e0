//! The words that people write opening hours with, and what each stands for.

#[derive(Debug, Clone, PartialEq)]
pub(super) enum Token {
    Day(usize),
    Days(&'static str),
    Working,
    /// Year, month and day, where they are said.
    Date(Option<u16>, usize, Option<u8>),
    /// Minutes from midnight.
    Time(u16),
    Dash,
    Comma,
    End,
    Off,
    Always,
    /// As on other days: 节假日不休.
    Open,
    /// 除 and 外, with the days between them that are left out.
    Except,
    Beyond,
    /// All other days.
    Rest,
    /// A feast whose days nobody can know from its name.
    Feast(&'static str),
}

/// Words and what they stand for; the longer first where one begins like another. Those that stand for nothing are left out.
pub(super) const WORDS: [(&str, Option<Token>); 111] = [
    ("24/7", Some(Token::Always)),
    ("24小时", Some(Token::Always)),
    ("24 小时", Some(Token::Always)),
    ("二十四小时", Some(Token::Always)),
    ("全天候", Some(Token::Always)),
    ("全天", Some(Token::Always)),
    ("全日", Some(Token::Always)),
    ("不对外开放", Some(Token::Off)),
    ("不开放", Some(Token::Off)),
    ("不营业", Some(Token::Off)),
    ("不供餐", Some(Token::Off)),
    ("不上班", Some(Token::Off)),
    ("停业", Some(Token::Off)),
    ("闭馆", Some(Token::Off)),
    ("关门", Some(Token::Off)),
    ("关闭", Some(Token::Off)),
    ("休息", Some(Token::Off)),
    ("放假", Some(Token::Off)),
    ("除外", Some(Token::Off)),
    ("off", Some(Token::Off)),
    ("closed", Some(Token::Off)),
    ("照常开放", Some(Token::Open)),
    ("照常营业", Some(Token::Open)),
    ("正常开放", Some(Token::Open)),
    ("正常营业", Some(Token::Open)),
    ("照常", Some(Token::Open)),
    ("不休息", Some(Token::Open)),
    ("不休", Some(Token::Open)),
    ("无休", Some(Token::Open)),
    ("除了", Some(Token::Except)),
    ("除", Some(Token::Except)),
    ("以外", Some(Token::Beyond)),
    ("之外", Some(Token::Beyond)),
    ("外", Some(Token::Beyond)),
    ("其余时间", Some(Token::Rest)),
    ("其余", Some(Token::Rest)),
    ("其他时间", Some(Token::Rest)),
    ("其他", Some(Token::Rest)),
    ("其它", Some(Token::Rest)),
    ("国庆节", Some(Token::Feast("国庆节"))),
    ("国庆", Some(Token::Feast("国庆节"))),
    ("春节", Some(Token::Feast("春节"))),
    ("元旦", Some(Token::Feast("元旦"))),
    ("清明节", Some(Token::Feast("清明节"))),
    ("清明", Some(Token::Feast("清明节"))),
    ("端午节", Some(Token::Feast("端午节"))),
    ("端午", Some(Token::Feast("端午节"))),
    ("中秋节", Some(Token::Feast("中秋节"))),
    ("中秋", Some(Token::Feast("中秋节"))),
    ("劳动节", Some(Token::Feast("劳动节"))),
    ("期间", None),
    ("长假", None),
    ("全年无休", Some(Token::Days("Mo-Su"))),
    ("每天", Some(Token::Days("Mo-Su"))),
    ("每日", Some(Token::Days("Mo-Su"))),
    ("天天", Some(Token::Days("Mo-Su"))),
    ("全年", Some(Token::Days("Mo-Su"))),
    ("daily", Some(Token::Days("Mo-Su"))),
    ("周末", Some(Token::Days("Sa-Su"))),
    ("双休日", Some(Token::Days("Sa-Su"))),
    ("国家法定节假日", Some(Token::Days("PH"))),
    ("法定节假日", Some(Token::Days("PH"))),
    ("法定假日", Some(Token::Days("PH"))),
    ("公共假日", Some(Token::Days("PH"))),
    ("公共假期", Some(Token::Days("PH"))),
    ("节假日", Some(Token::Days("PH"))),
    ("寒暑假", Some(Token::Days("SH"))),
    ("ph", Some(Token::Days("PH"))),
    ("sh", Some(Token::Days("SH"))),
    ("国家法定工作日", Some(Token::Working)),
    ("法定工作日", Some(Token::Working)),
    ("工作日", Some(Token::Working)),
    ("monday", Some(Token::Day(0))),
    ("tuesday", Some(Token::Day(1))),
    ("wednesday", Some(Token::Day(2))),
    ("thursday", Some(Token::Day(3))),
    ("friday", Some(Token::Day(4))),
    ("saturday", Some(Token::Day(5))),
    ("sunday", Some(Token::Day(6))),
    ("mon", Some(Token::Day(0))),
    ("tue", Some(Token::Day(1))),
    ("wed", Some(Token::Day(2))),
    ("thu", Some(Token::Day(3))),
    ("fri", Some(Token::Day(4))),
    ("sat", Some(Token::Day(5))),
    ("sun", Some(Token::Day(6))),
    ("to", Some(Token::Dash)),
    ("至", Some(Token::Dash)),
    ("到", Some(Token::Dash)),
    ("-", Some(Token::Dash)),
    ("以及", Some(Token::Comma)),
    ("和", Some(Token::Comma)),
    ("及", Some(Token::Comma)),
    ("与", Some(Token::Comma)),
    (",", Some(Token::Comma)),
    (";", Some(Token::End)),
    ("(", Some(Token::End)),
    (")", None),
    ("营业时间", None),
    ("开放时间", None),
    ("服务时间", None),
    ("供餐时间", None),
    ("营业", None),
    ("开放", None),
    ("服务", None),
    ("供餐", None),
    ("对外开放", None),
    ("次日", None),
    ("次年", None),
    ("翌年", None),
    (" ", None),
];

/// Half of the day that the times behind the word are in: hours below the second are twelve more.
pub(super) const HALVES: [(&str, u16); 16] = [
    ("上午", 0),
    ("早上", 0),
    ("早晨", 0),
    ("早餐", 0),
    ("凌晨", 0),
    ("中午", 5),
    ("午餐", 5),
    ("中餐", 5),
    ("下午", 12),
    ("傍晚", 12),
    ("晚上", 12),
    ("晚餐", 12),
    ("早", 0),
    ("午", 5),
    ("中", 5),
    ("晚", 12),
];

/// A whole text that says that it is closed until further notice.
pub(super) const CLOSED: [&str; 8] =
    ["暂停营业", "暂停开放", "暂停服务", "暂停供餐", "暂不开放", "暂不营业", "停业整顿", "歇业"];

/// A whole text that says that one has to ask.
pub(super) const ASK: [&str; 9] =
    ["预约开放", "预约制", "需预约", "凭预约", "提前预约", "需提前预约", "请提前预约", "电话预约", "预约营业"];

/// Traditional characters of these words, each before its simplified one.
const TRADITIONAL: &str =
    "週周禮礼營营業业時时點点間间開开閉闭館馆國国節节關关門门號号預预約约暫暂餘余慶庆與与無无雙双務务長长勞劳動动";

/// The same text in simplified characters; each has as many bytes as the other.
pub(super) fn simplified(text: &str) -> String {
    let plain = |c: char| {
        let mut pairs = TRADITIONAL.chars();
        std::iter::from_fn(|| Some((pairs.next()?, pairs.next()?))).find(|(from, _)| *from == c).map_or(c, |(_, to)| to)
    };
    text.chars().map(|c| if c.is_ascii() { c } else { plain(c) }).collect()
}
