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
//! | demand point | 需求点 | people at a point: total, aged 60 and over, aged 80 and over |
//! | coverage | 覆盖 | people with an eligible facility within a distance, over all people |
//! | gap | 缺口 | a demand point that is not covered |
//! | siting | 选址 | where new facilities do most good: a plan of sites, with a bound |
//! | candidate | 候选点 | where a new site may be |
//! | bound | 界限 | what no plan can pass; a plan that reaches it is proven |
//! | job | 计算任务 | a long search, one at a time, that can be asked about and ended |
//! | change | 变更 | one line of the log: who, when, which record, before, after |
//! | revision | 版次 | the number of the last change that an answer knows |
//! | batch | 批次 | one file brought in: its changes stand and fall together |
//! | finding | 问题 | what is wrong with a cell, and what would be right |
//! | account | 账号 | who may sign in: a name with a role and a scope |
//! | role | 角色 | manager, planner, bureau, admin; the operator runs the service |
//! | ground | 范围 | what a deed is about: a facility, or a place in the tree of regions |
//! | change request | 变更申请 | a wish to change a facility, decided by the bureau field by field |
//! | demo | 演示 | invented for demonstration; says so wherever it shows |

pub mod capacity;
pub mod change;
pub mod draft;
pub mod facility;
pub mod fields;
pub mod hours;
pub mod kind;
pub mod merge;
pub mod password;
pub mod place;
pub mod population;
pub mod rating;
pub mod record;
pub mod region;
pub mod request;
pub mod right;
pub mod words;

pub use capacity::Capacity;
pub use change::{Action, Change, Entity};
pub use facility::{Facility, Price, Status};
pub use hours::Hours;
pub use kind::{Kind, Measure, Vocabulary};
pub use place::{Datum, Place};
pub use population::{DemandPoint, Weight};
pub use rating::{Rating, Scheme};
pub use record::Record;
pub use region::{Level, Region};
pub use request::{ChangeRequest, Decision, RequestState, Verdict};
pub use right::{Deed, Ground, Role, Who};
pub use words::{Text, Words};
