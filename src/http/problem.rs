//! Problems: every error that an answer can carry, from one table (RFC 9457).

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

/// One line a code: slug, status, title in Chinese and English.
macro_rules! codes {
    ($($code:ident $slug:literal $status:ident $zh:literal $en:literal)*) => {
        /// What went wrong, as a stable word.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Code { $($code),* }

        impl Code {
            pub const ALL: &[Code] = &[$(Code::$code),*];

            /// The stable slug: the problem's `type`.
            pub fn slug(self) -> &'static str {
                match self { $(Code::$code => $slug),* }
            }

            pub fn status(self) -> StatusCode {
                match self { $(Code::$code => StatusCode::$status),* }
            }

            /// Chinese and English.
            pub fn titles(self) -> (&'static str, &'static str) {
                match self { $(Code::$code => ($zh, $en)),* }
            }
        }
    };
}

codes! {
    BadParameter   "bad-parameter"    BAD_REQUEST            "参数有误"             "A parameter is wrong"
    BadBody        "bad-body"         BAD_REQUEST            "内容无法读取"         "The body cannot be read"
    Unauthorized   "unauthorized"     UNAUTHORIZED           "需要登录"             "Signing in is needed"
    Forbidden      "forbidden"        FORBIDDEN              "没有这项权限"         "This is not yours to do"
    ForeignForm    "foreign-form"     FORBIDDEN              "这张表不是这次登录打开的" "This form is of another session"
    Moved          "moved"            PERMANENT_REDIRECT     "已并入另一条记录"     "This is now another record"
    NotFound       "not-found"        NOT_FOUND              "没有找到"             "Not found"
    Gone           "gone"             GONE                   "已撤下"               "This was withdrawn"
    WrongMethod    "wrong-method"     METHOD_NOT_ALLOWED     "不支持这种操作"       "This method is not allowed here"
    Conflict       "conflict"         CONFLICT               "与现有记录冲突"       "This conflicts with the record"
    Stale          "stale"            PRECONDITION_FAILED    "记录已被更新"         "The record has moved on"
    TooLarge       "too-large"        PAYLOAD_TOO_LARGE      "内容过大"             "The body is too large"
    WrongType      "wrong-type"       UNSUPPORTED_MEDIA_TYPE "内容类型不对"         "The body's type is not accepted here"
    Coded          "coded-body"       UNSUPPORTED_MEDIA_TYPE "不接受压缩的内容"     "A compressed body is not accepted"
    TooSlow        "too-slow"         REQUEST_TIMEOUT        "传送太慢"             "The body came too slowly"
    Rule           "rule"             UNPROCESSABLE_ENTITY   "不符合规则"           "A rule of the record is broken"
    NeedsIfMatch   "needs-if-match"   PRECONDITION_REQUIRED  "需要 If-Match"        "If-Match is needed"
    Quota          "too-many"         TOO_MANY_REQUESTS      "一次问得太多"         "Too many at once from one place"
    Internal       "internal"         INTERNAL_SERVER_ERROR  "服务出错"             "Something went wrong here"
    RecordAway     "record-away"      SERVICE_UNAVAILABLE    "暂时不能写入"         "The record cannot be reached"
    Busy           "busy"             SERVICE_UNAVAILABLE    "请稍后再试"           "Too busy just now"
}

/// One wrong parameter, or one wrong place in a body.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Fault {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parameter: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pointer: Option<String>,
    pub detail: String,
}

/// One error, whatever the face that shows it.
#[derive(Debug, Clone)]
pub struct Problem {
    pub code: Code,
    pub detail: String,
    pub faults: Vec<Fault>,
    /// The current state, for a stale write: a JSON document of its own.
    pub current: Option<(String, Box<str>)>,
    /// Methods that would be allowed, for `Allow`.
    pub allow: Option<&'static str>,
    /// The key in the address that led nowhere, and the one that it is now.
    pub moved: Option<Box<(String, String)>>,
}

impl Problem {
    pub fn new(code: Code, detail: impl Into<String>) -> Problem {
        Problem { code, detail: detail.into(), faults: Vec::new(), current: None, allow: None, moved: None }
    }

    /// A fault of the program: the cause goes to the log once, never into an answer.
    pub fn internal(cause: &dyn fmt::Display) -> Problem {
        tracing::error!(%cause, "a request failed");
        Problem::new(Code::Internal, "This is our fault. The cause is in the log under the id given here.")
    }

    /// Adds a place in the body.
    pub fn at(mut self, pointer: impl Into<String>, detail: impl Into<String>) -> Problem {
        self.faults.push(Fault { parameter: None, pointer: Some(pointer.into()), detail: detail.into() });
        self
    }

    /// Carries the current state of a record that moved on, with its ETag.
    pub fn with_current(mut self, etag: String, json: Box<str>) -> Problem {
        self.current = Some((etag, json));
        self
    }

    /// The problem document; `instance` is the id of the request.
    pub fn document(&self, instance: &str) -> String {
        #[derive(Serialize)]
        struct Document<'a> {
            r#type: &'a str,
            title: &'a str,
            status: u16,
            detail: &'a str,
            instance: &'a str,
            #[serde(skip_serializing_if = "<[Fault]>::is_empty")]
            errors: &'a [Fault],
            #[serde(skip_serializing_if = "Option::is_none")]
            current: Option<&'a serde_json::value::RawValue>,
        }
        let current = self.current.as_ref().and_then(|(_, json)| serde_json::from_str(json).ok());
        let document = Document {
            r#type: self.code.slug(),
            title: self.code.titles().1,
            status: self.code.status().as_u16(),
            detail: &self.detail,
            instance,
            errors: &self.faults,
            current,
        };
        serde_json::to_string(&document).unwrap_or_default()
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code.slug(), self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        self.code.status()
    }

    /// Only the bones: the seam knows the request, and gives the problem the face that the request asked for.
    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        match self.code {
            Code::RecordAway | Code::Busy | Code::Quota => drop(response.insert_header((header::RETRY_AFTER, "5"))),
            Code::Unauthorized => drop(response.insert_header((header::WWW_AUTHENTICATE, "Bearer"))),
            _ => {}
        }
        if let Some(allow) = self.allow {
            response.insert_header((header::ALLOW, allow));
        }
        if let Some((etag, _)) = &self.current {
            response.insert_header((header::ETAG, etag.as_str()));
        }
        response.extensions_mut().insert(self.clone());
        response.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_code_has_a_slug_of_its_own() {
        let mut slugs: Vec<_> = Code::ALL.iter().map(|code| code.slug()).collect();
        slugs.sort_unstable();
        slugs.dedup();
        assert_eq!(slugs.len(), Code::ALL.len());
    }

    #[test]
    fn a_problem_document_names_the_parameter_and_the_request() {
        let mut problem = Problem::new(Code::BadParameter, "One parameter is wrong.");
        problem.faults.push(Fault { parameter: Some("lon".into()), pointer: None, detail: "missing".into() });
        let document: serde_json::Value = serde_json::from_str(&problem.document("r1")).expect("JSON");
        assert_eq!(document["status"], 400);
        assert_eq!(document["errors"][0]["parameter"], "lon");
        assert_eq!(document["instance"], "r1");
    }
}
