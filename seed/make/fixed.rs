//! The towns and villages that have a name or a place of their own. Every other town and village is invented by rule.

/// Where a town's point comes from.
#[derive(Clone, Copy)]
pub enum At {
    /// The GeoNames row with this number.
    GeoNames(u32),
    /// A rough place from general knowledge, good to a few kilometres at best.
    Rough(f64, f64),
    /// A place on the invented grid of the anonymous district.
    Grid(f64, f64),
}

/// Code, name, point, and whether the code is a known one.
pub const TOWNS: &[(&str, &str, At, bool)] = &[
    ("321302001", "示例中心街道", At::GeoNames(1793771), false),
    ("321302101", "耿车镇", At::Rough(118.19, 33.90), true),
    ("321322001", "沭城街道", At::GeoNames(1794314), false),
    ("321322101", "高墟镇", At::GeoNames(1549997), false),
    ("321322102", "吴集镇", At::GeoNames(1791219), false),
    ("321322103", "李恒镇", At::GeoNames(1803710), false),
    ("321322104", "汤涧镇", At::GeoNames(1549913), false),
    ("321322105", "沂涛镇", At::GeoNames(1786444), false),
    ("321322106", "马厂镇", At::GeoNames(1801590), false),
    ("321323001", "众兴街道", At::GeoNames(1784253), false),
    ("321323107", "穿城镇", At::Rough(118.57, 33.87), true),
    ("321324101", "归仁镇", At::GeoNames(1809483), false),
    ("371502001", "古楼街道", At::GeoNames(9185504), false),
    ("371502002", "聊城街道", At::GeoNames(1803834), false),
    ("371503001", "茌平街道", At::GeoNames(1814986), false),
    ("371521001", "阳谷街道", At::GeoNames(1787601), false),
    ("371522001", "雁塔街道", At::GeoNames(1795579), false),
    ("371525101", "冠城镇", At::GeoNames(1809727), false),
    ("371526001", "高唐街道", At::GeoNames(1810363), false),
    ("371581001", "临青街道", At::GeoNames(1803367), false),
    ("370403005", "常庄街道", At::Rough(117.23, 34.80), true),
    ("370403006", "新城街道", At::Rough(117.29, 34.81), true),
    ("370403101", "沙沟镇", At::Rough(117.27, 34.71), true),
    ("370403102", "陶庄镇", At::GeoNames(1793089), false),
    ("321112001", "高资街道", At::GeoNames(1810282), true),
    ("321112002", "丹徒街道", At::GeoNames(8266674), false),
    ("321112101", "上党镇", At::GeoNames(1796284), false),
    ("321112102", "辛丰镇", At::GeoNames(1789076), false),
    ("321112103", "世业镇", At::GeoNames(1548678), false),
    ("321112104", "宝堰镇", At::GeoNames(1816925), false),
    ("321112105", "谷阳镇", At::GeoNames(8266666), false),
    ("321112106", "高桥镇", At::GeoNames(1810413), false),
    ("XX0001001", "甲示例街道", At::Grid(104.46, 38.92), false),
    ("XX0001002", "乙示例街道", At::Grid(104.50, 38.92), false),
    ("XX0001003", "丙示例街道", At::Grid(104.54, 38.92), false),
    ("XX0001004", "丁示例街道", At::Grid(104.46, 38.88), false),
    ("XX0001101", "戊示例镇", At::Grid(104.50, 38.88), false),
    ("XX0001201", "己示例乡", At::Grid(104.54, 38.88), false),
];

/// Village-level units that a document names: town, name. Each takes the first code of its town.
pub const VILLAGES: &[(&str, &str)] = &[("370403005", "西小社区"), ("370403006", "高楼村"), ("370403101", "张庄村")];

const FIRST: [&str; 12] = ["青", "银", "金", "玉", "红", "白", "春", "秋", "清", "明", "安", "和"];
const SECOND: [&str; 12] = ["松", "柏", "杏", "荷", "泉", "溪", "林", "桥", "河", "岭", "湾", "塘"];

/// The n-th invented name of a county: 144 different ones, in an order that mixes both characters.
pub fn invented(n: usize) -> String {
    format!("示例{}{}", FIRST[n % 12], SECOND[(n + n / 12) % 12])
}
