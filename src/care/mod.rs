//! The words of the house: what the record is made of. No I/O; depends on nothing else in the project.
//!
//! # Glossary (one word for one idea: in the database, in Rust, in JSON and on the page)
//!
//! | word | Chinese | meaning |
//! |---|---|---|
//! | facility | 设施 | one place that serves elders: a home, a meal point, a station, a cemetery |
//! | kind | 类型 | what a facility is; a row of vocabulary, never a branch in the code |
//! | category | 类别 | a group of kinds: residential, community, meals, relief, funeral, other |
//! | measure | 计量 | what capacity is counted in: beds, day_places, meals_per_day, seats, plots |
//! | capacity | 容量 | total, nursing and occupied of one measure, with the time it was so |
//! | free | 空余 | total − occupied, never below 0; unknown when either is unknown |
//! | stale | 过期 | capacity older than 90 days |
//! | rating | 等级 | a level in a scheme, with its date and expiry; *current* while not expired |
//! | serving | 在服务 | status operating or trial: only such a facility answers nearest and coverage |
//! | place | 位置 | a confirmed point in WGS 84, with the raw pair and datum it came from |
//! | datum | 坐标系 | wgs84, gcj02 (Amap, Tencent) or bd09 (Baidu) |
//! | region | 区域 | province, city, county, town or village, in one tree by code |
//! | succession | 沿革 | a region merged into another or renumbered, with all that went along; the old code leads to the new one |
//! | demand point | 需求点 | people at a point: total, aged 60 and over, aged 80 and over |
//! | group | 人群 | people whom a bureau counts for itself, such as elders living alone; a row of vocabulary |
//! | coverage | 覆盖 | people with an eligible facility within a distance, over all people |
//! | gap | 缺口 | a demand point that is not covered |
//! | catchment | 服务圈 | what is within reach of people, or people within reach of a facility |
//! | access | 可及性 | capacity a person within reach, where others reach for it too |
//! | reached | 够得着 | some capacity is within reach; people who reach nothing are unreached |
//! | bed target | 床位目标 | capacity for a thousand people that a plan asks for; what is lacking is the bed gap |
//! | standard | 标准 | how near is near enough: metres, or minutes at a speed, with its source |
//! | detour | 绕行系数 | how many times the way on foot is as long as the straight line |
//! | scenario | 方案 | facilities added, moved, closed and enlarged in thought; the record knows nothing of it |
//! | siting | 选址 | where new facilities do most good: a plan of sites, with a bound |
//! | candidate | 候选点 | where a new site may be |
//! | bound | 界限 | what no plan can pass; a plan that reaches it is proven |
//! | job | 计算任务 | a long search, one at a time, that can be asked about and ended |
//! | change | 变更 | one line of the log: who, when, which record, before, after |
//! | revision | 版次 | the number of the last change that an answer knows |
//! | batch | 批次 | one file brought in: its changes stand and fall together |
//! | finding | 问题 | what is wrong: with a cell of a file, or with a facility as an inspection saw it, and what would be right |
//! | dossier | 档案 | what a facility keeps beside its figures: licences, menu, staff |
//! | licence | 证照 | a permit or registration, with its issuer and its last day; valid, ends soon or expired is derived |
//! | menu | 菜单 | what is served, by day and meal |
//! | staff | 护理人员 | caregivers, and those of them who are certified, as of a day |
//! | issuer | 颁发机关 | who gave a rating or a licence |
//! | inspection | 检查 | a look at a facility by agencies, its result and its findings; not public |
//! | rectified | 整改 | of a finding: put right, and seen to be by the bureau |
//! | overdue | 逾期 | a finding that is open after its last day |
//! | sweep | 排查 | the facilities of a region, inspected since a day or not, with what is open and overdue |
//! | account | 账号 | who may sign in: a name with a role and a scope |
//! | role | 角色 | manager, planner, bureau, admin; the operator runs the service |
//! | ground | 范围 | what a deed is about: a facility, or a place in the tree of regions |
//! | change request | 变更申请 | a wish to change a facility, decided by the bureau field by field |
//! | correction | 纠错 | what a visitor says is wrong with a facility's page, until the bureau has seen to it |
//! | withdrawn | 撤下 | registered by mistake: out of the record, kept in the log, nothing in its place |
//! | target | 计划 | what a region means to have built or done in a year; its number may be unknown |
//! | built | 完成 | what was built or done towards a target, by dated records; what closed stands apart |
//! | programme figure | 项目数据 | a figure of the ledger: what is done that is no facility; stock, flow or cumulative |
//! | qualifier | 约数 | 余, 约 and the like: how exact a printed number is |
//! | claim | 公布数 | a published figure about an indicator, held beside the value computed from the record |
//! | past day | 往日 | a day that is over: a facility has the status then that its own dates and the log give it |
//! | indicator | 指标 | one line of the bureau's report, with its formula |
//! | tier rule | 层级规则 | what every unit of a level must have, such as a station in every village |
//! | class | 类别 | of a town-level unit: street, town, township or zone, by digits 7 to 9 of a Chinese code |
//! | urban, rural | 城镇、乡村 | the class of a region, as the bureau tells it; what is below takes it from the nearest above |
//! | demo | 演示 | invented for demonstration; says so wherever it shows |

pub mod account_name;
pub mod ahead;
pub mod border;
pub mod capacity;
pub mod change;
pub mod claim;
pub mod clean;
pub mod coordinates;
pub mod correction;
pub mod dossier;
pub mod draft;
pub mod facility;
mod field_texts;
pub mod fields;
pub mod figure;
pub mod holidays;
pub mod hours;
pub mod indicator;
pub mod inspection;
pub mod kept;
pub mod kind;
pub mod limits;
pub mod log_position;
pub mod merge;
pub mod password;
pub mod past_day;
pub mod phone;
pub mod place;
pub mod population;
pub mod programme;
pub mod rating;
pub mod record;
pub mod region;
pub mod removed;
pub mod request;
pub mod right;
pub mod scenario;
pub mod simplified;
pub mod standard;
pub mod target;
pub mod tier;
pub mod words;

pub use border::{Border, Borders};
pub use capacity::Capacity;
pub use change::{Action, Change, Entity};
pub use claim::Claim;
pub use dossier::{Licence, Meal, MealTime, Staff, Validity};
pub use facility::{Facility, Price, Status};
pub use holidays::{HolidayYear, Holidays};
pub use hours::Hours;
pub use inspection::{Inspection, Outcome, Severity};
pub use kept::Kept;
pub use kind::{Kind, Measure, PeopleGroup, Term, Vocabulary};
pub use log_position::{LogMark, LogPosition};
pub use past_day::{PastDay, StatusLog};
pub use place::{Datum, Place};
pub use population::{DemandPoint, Groups, Weight};
pub use programme::ProgrammeFigure;
pub use rating::{PastRating, Rating, Scheme};
pub use record::Record;
pub use region::{Class, Level, Region, Succession, UrbanRural};
pub use removed::RemovedFacility;
pub use request::{ChangeRequest, Decision, RequestState, Verdict};
pub use right::{Deed, Ground, Role, Who};
pub use scenario::Scenario;
pub use standard::{Standard, Standards};
pub use target::Target;
pub use words::{Text, Words};
