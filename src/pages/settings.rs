//! Settings: text size and contrast, kept in cookies, set by plain links.

use actix_web::http::header;
use actix_web::{HttpRequest, HttpResponse, web};

use crate::http::frame::{CONTRAST, TEXT, keep};
use crate::http::{App, Parameters, Problem};

/// Keeps the choice and goes back to where the reader was.
pub async fn settings(_app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let mut parameters = Parameters::of_form(&request, &[TEXT, CONTRAST, "back"]);
    let sizes = ["normal", "large"];
    let contrasts = ["normal", "high"];
    let text = parameters.word(TEXT, |word| sizes.into_iter().find(|known| *known == word), &sizes);
    let contrast = parameters.word(CONTRAST, |word| contrasts.into_iter().find(|known| *known == word), &contrasts);
    let back = parameters.text("back").unwrap_or_default();
    parameters.finish()?;
    let mut response = HttpResponse::SeeOther();
    response.insert_header((header::LOCATION, if own(&back) { back.as_str() } else { "/" }));
    response.insert_header((header::CACHE_CONTROL, "no-store"));
    for (name, value) in [(TEXT, text), (CONTRAST, contrast)] {
        if let Some(value) = value {
            response.cookie(keep(name, value));
        }
    }
    Ok(response.finish())
}

/// Whether an address stands on this site: a path, and nothing that a browser reads as another host.
pub fn own(address: &str) -> bool {
    address.starts_with('/')
        && !address.starts_with("//")
        && address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_back_never_leaves_the_site() {
        assert!(own("/search?q=%E5%AE%BF&page=2"));
        for elsewhere in ["", "//example.org", "https://example.org", "/\\example.org", "/a\r\nx: y", "javascript:1"] {
            assert!(!own(elsewhere), "{elsewhere}");
        }
    }
}
