//! Who asks: by a token in the API, by a session on the pages; and whether they may.

use actix_web::HttpRequest;
use actix_web::cookie::{Cookie, SameSite, time::Duration};
use actix_web::http::header;
use sha2::{Digest, Sha256};

use super::{App, Code, Problem};
use crate::atlas::Atlas;
use crate::care::{Deed, Facility, Ground, Who};

/// Cookie of a session's secret.
pub const SESSION: &str = "session";
/// Cookie by which a browser is known again after somebody has signed in there: others' guesses do not slow it down.
pub const BROWSER: &str = "browser";
/// Cookie that a form outside a session is bound to.
pub const DOOR: &str = "door";
/// The hidden field of every form that writes.
pub const SEAL: &str = "seal";

/// What a deed about this facility is about.
pub fn ground(atlas: &Atlas, facility: &Facility) -> Ground {
    Ground { facility: Some(facility.id), regions: above(atlas, facility.region.as_deref()) }
}

/// What a deed in this region is about.
pub fn ground_of_region(atlas: &Atlas, region: Option<&str>) -> Ground {
    Ground { facility: None, regions: above(atlas, region) }
}

/// The whole of what an account reaches over, for a deed that is not yet about any one place.
pub fn own_ground(atlas: &Atlas, who: &Who) -> Ground {
    ground_of_region(atlas, who.region.as_deref())
}

fn above(atlas: &Atlas, region: Option<&str>) -> Vec<crate::care::Text> {
    region.map_or_else(Vec::new, |code| {
        atlas.regions().path(code).into_iter().map(|region| region.code.clone()).collect()
    })
}

impl App {
    /// Who asks. The API knows tokens only and the pages know sessions only, so that no foreign page can make a browser
    /// write through the API.
    pub async fn who(&self, request: &HttpRequest) -> Result<Who, Problem> {
        if !request.path().starts_with("/api/") {
            let signed_in = self.signed_in(request).await?;
            return signed_in.ok_or_else(|| Problem::new(Code::Unauthorized, "Please sign in."));
        }
        let refused = |detail: &str| Problem::new(Code::Unauthorized, detail);
        let held = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = held
            .and_then(|value| value.strip_prefix("Bearer "))
            .map(str::trim)
            .ok_or_else(|| refused("This needs a token: send it as \"Authorization: Bearer TOKEN\"."))?;
        let holder = self.registry.token_holder(token).await?;
        holder.ok_or_else(|| refused("This token is not known or has expired."))
    }

    /// Who is signed in, if anybody.
    pub async fn signed_in(&self, request: &HttpRequest) -> Result<Option<Who>, Problem> {
        match request.cookie(SESSION) {
            Some(cookie) => Ok(self.registry.session_holder(cookie.value()).await?),
            None => Ok(None),
        }
    }

    /// Who asks, if they may do this there.
    pub async fn admit(&self, request: &HttpRequest, deed: Deed, ground: &Ground) -> Result<Who, Problem> {
        let who = self.who(request).await?;
        allow(&who, deed, ground)?;
        Ok(who)
    }
}

/// Refuses what is not this person's to do.
pub fn allow(who: &Who, deed: Deed, ground: &Ground) -> Result<(), Problem> {
    if who.may(deed, ground) {
        return Ok(());
    }
    let why = match who.only_reads && deed != Deed::Look {
        true => "This token only reads.".to_owned(),
        false => format!("{} may not do this here: it is outside the rights of the account.", who.name),
    };
    Err(Problem::new(Code::Forbidden, why))
}

/// What a form of this browser must carry: only a page of ours can know it.
pub fn seal(secret: &str) -> String {
    let mut digest = Sha256::new();
    digest.update(b"silver-atlas form ");
    digest.update(secret.as_bytes());
    digest.finalize().iter().take(16).fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}

/// The seal for forms on a page of this request.
pub fn seal_of(request: &HttpRequest) -> String {
    let secret = request.cookie(SESSION).or_else(|| request.cookie(DOOR));
    secret.map_or_else(String::new, |cookie| seal(cookie.value()))
}

/// Refuses a form that did not come from a page of this session.
pub fn check_seal(request: &HttpRequest, told: Option<&str>) -> Result<(), Problem> {
    check_site(request)?;
    let own = seal_of(request);
    if own.is_empty() || told != Some(own.as_str()) { Err(foreign()) } else { Ok(()) }
}

/// Refuses what a page of another site sent, where the browser says so.
pub fn check_site(request: &HttpRequest) -> Result<(), Problem> {
    let site = request.headers().get("sec-fetch-site").and_then(|value| value.to_str().ok());
    if matches!(site, None | Some("same-origin" | "none")) { Ok(()) } else { Err(foreign()) }
}

fn foreign() -> Problem {
    let detail = "This form did not come from a page of this site, or the page is older than your signing in.";
    Problem::new(Code::ForeignForm, detail)
}

/// A cookie that only this site gets back and no script reads.
pub fn private_cookie(app: &App, request: &HttpRequest, name: &'static str, value: String) -> Cookie<'static> {
    let secure = over_tls(app, request);
    Cookie::build(name, value).path("/").same_site(SameSite::Lax).http_only(true).secure(secure).finish()
}

/// Whether the client speaks TLS. A proxy that speaks it for us says so; its word counts only where the operator says that
/// there is one.
pub fn over_tls(app: &App, request: &HttpRequest) -> bool {
    app.settings.behind_proxy && request.connection_info().scheme() == "https"
}

/// The same cookie, taken away.
pub fn no_cookie(app: &App, request: &HttpRequest, name: &'static str) -> Cookie<'static> {
    let mut cookie = private_cookie(app, request, name, String::new());
    cookie.set_max_age(Duration::ZERO);
    cookie
}

/// A new secret for forms outside a session.
pub fn door() -> String {
    rand::random::<[u8; 32]>().iter().fold(String::new(), |text, byte| text + &format!("{byte:02x}"))
}
