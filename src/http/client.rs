//! Clients: who a request counts for in quotas, which is the account where somebody is known, and the network address elsewhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::HttpRequest;
use actix_web::http::header::HeaderMap;
use uuid::Uuid;

use super::App;

tokio::task_local! {
    /// The address of the request that is being answered.
    static ADDRESS: IpAddr;
}

/// Who a question counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Client {
    /// The program's own work, such as a step of a job: it has a place already.
    Own,
    /// Nobody known, from this address.
    Address(IpAddr),
    Account(Uuid),
    /// Whoever holds the operator's token.
    Operator,
}

impl Client {
    /// Whether somebody is known: signed in, or with a token.
    pub fn is_known(self) -> bool {
        !matches!(self, Client::Address(_))
    }

    /// Whoever asks the question that is being answered, by address.
    pub fn here() -> Client {
        ADDRESS.try_with(|address| Client::Address(*address)).unwrap_or(Client::Own)
    }
}

/// Answers a request; what it asks meanwhile counts for its address.
pub async fn counted<F: Future>(address: IpAddr, answer: F) -> F::Output {
    ADDRESS.scope(address, answer).await
}

impl App {
    /// Who asks: by a token in the API, by a session on the pages, by the address elsewhere.
    pub async fn client(&self, request: &HttpRequest) -> Client {
        match self.who(request).await {
            Ok(who) => who.account.map_or(Client::Operator, Client::Account),
            Err(_) => Client::Address(peer(self, request)),
        }
    }
}

/// The address that asks. One household or office has a /64 of IPv6, so that is counted as one address.
pub fn peer(app: &App, request: &HttpRequest) -> IpAddr {
    let headers = request.headers();
    let seen = if app.settings.behind_proxy {
        last_hop(headers)
    } else {
        warn_of_proxy(headers);
        None
    };
    network(seen.or_else(|| request.peer_addr().map(|peer| peer.ip())).unwrap_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED)))
}

/// Says once that a proxy seems to stand before the service, and that nobody has said so.
fn warn_of_proxy(headers: &HeaderMap) {
    static SAID: AtomicBool = AtomicBool::new(false);
    if !SAID.load(Ordering::Relaxed) && headers.contains_key("x-forwarded-for") && !SAID.swap(true, Ordering::Relaxed) {
        tracing::warn!(
            "a request came with X-Forwarded-For, but the service was started without --behind-proxy: if a proxy of yours \
             stands before it, everybody seems to come from the proxy's address and shares its quotas; said once"
        );
    }
}

/// The address that our own proxy saw: proxies append it, and whatever stands before it anybody may have written.
fn last_hop(headers: &HeaderMap) -> Option<IpAddr> {
    let told = headers.get_all("x-forwarded-for").last()?.to_str().ok()?;
    let last = told.rsplit(',').next()?.trim();
    let bare = last.trim_start_matches('[').trim_end_matches(']');
    bare.parse().ok().or_else(|| last.parse().ok().map(|peer: SocketAddr| peer.ip()))
}

fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(wide) => wide.to_ipv4_mapped().map_or_else(
            || {
                let [a, b, c, d, ..] = wide.segments();
                IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
            },
            IpAddr::V4,
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::http::header::{HeaderName, HeaderValue};

    #[test]
    fn whoever_writes_an_address_into_the_header_is_still_known_by_the_one_that_our_proxy_saw() {
        let mut headers = HeaderMap::new();
        assert_eq!(last_hop(&headers), None);
        let name = HeaderName::from_static("x-forwarded-for");
        for (told, seen) in [
            ("10.0.0.9", Some("10.0.0.9")),
            ("1.2.3.4, 10.0.0.8", Some("10.0.0.8")),
            ("5.6.7.8,10.0.0.7 ", Some("10.0.0.7")),
            ("10.0.0.6:4711", Some("10.0.0.6")),
            ("[2001:db8::1]:4711", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("1.2.3.4, unknown", None),
        ] {
            headers.append(name.clone(), HeaderValue::from_static(told));
            assert_eq!(last_hop(&headers).map(|address| address.to_string()).as_deref(), seen, "{told}");
        }
    }

    #[test]
    fn the_addresses_of_one_household_count_as_one() {
        let seen = |text: &str| network(text.parse().expect("an address")).to_string();
        assert_eq!(seen("2001:db8:1:2:3:4:5:6"), seen("2001:db8:1:2:ffff::1"));
        assert_ne!(seen("2001:db8:1:2::1"), seen("2001:db8:1:3::1"));
        assert_eq!(seen("::ffff:10.0.0.1"), "10.0.0.1");
    }
}
