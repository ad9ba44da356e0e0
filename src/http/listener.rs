//! Listeners: sockets that answer HTTP, each connection watched until it ends.

use std::fmt::Debug;
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::time::Duration;

use actix_http::{HttpService, Request};
use actix_server::ServerBuilder;
use actix_service::{IntoServiceFactory, ServiceFactory, ServiceFactoryExt, fn_service, map_config};
use actix_web::Error;
use actix_web::body::MessageBody;
use actix_web::dev::{AppConfig, Extensions, Response};
use tokio::net::{TcpSocket, TcpStream};
use tokio_util::sync::CancellationToken;

use super::connection::{Connection, HEAD_TIME};

/// Idle connections are kept this long: a phone on a slow network comes back within a minute.
pub const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// How long a connection that is being closed may take over it.
const GOODBYE: Duration = Duration::from_secs(1);

/// As many clients may wait for their connection to be accepted.
const BACKLOG: u32 = 1024;

/// A socket that listens; what it is bound to can be asked of it.
pub fn bind(address: SocketAddr) -> io::Result<TcpListener> {
    let socket = if address.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() }?;
    socket.set_reuseaddr(true)?;
    socket.bind(address)?;
    socket.listen(BACKLOG)?.into_std()
}

/// Answers HTTP/1 on a socket; once told to stop, a connection ends with the answer that is under way.
pub fn answer<F, I, S, B>(
    server: ServerBuilder,
    name: &str,
    socket: TcpListener,
    stop: CancellationToken,
    routes: F,
) -> io::Result<ServerBuilder>
where
    F: Fn() -> I + Send + Clone + 'static,
    I: IntoServiceFactory<S, Request>,
    S: ServiceFactory<Request, Config = AppConfig> + 'static,
    S::Error: Into<Error>,
    S::InitError: Debug,
    S::Response: Into<Response<B>>,
    S::Service: 'static,
    B: MessageBody + 'static,
{
    server.listen(name, socket, move || {
        let stop = stop.clone();
        let service = HttpService::build()
            .graceful_shutdown_signal(move || stop.clone().cancelled_owned())
            .keep_alive(KEEP_ALIVE)
            .client_request_timeout(HEAD_TIME)
            .client_disconnect_timeout(GOODBYE)
            // Whoever hangs up no longer waits: the handler is dropped, and a long search with it.
            .h1_allow_half_closed(false)
            .on_connect_ext(|connection: &Connection, of: &mut Extensions| drop(of.insert(connection.watch())));
        let routes = routes().into_factory().map_err(|error| error.into().error_response());
        fn_service(async |stream: TcpStream| {
            let peer = stream.peer_addr().ok();
            Ok((Connection::new(stream), peer))
        })
        .and_then(service.h1(map_config(routes, |()| AppConfig::default())))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::wire::{BODY, BODY_TIME, BYTES_A_SECOND, SITING_BODY};

    #[test]
    fn the_page_of_limits_tells_these_times() {
        let page = include_str!("../../docs/limits.md");
        for told in [
            format!("| the body of `POST /api/v1/siting` | all | {} MiB | 413 |", SITING_BODY / 1024 / 1024),
            format!("| any other body | all | {} KiB | 413 |", BODY / 1024),
            format!("| silence between two requests on a connection | all | {} s |", KEEP_ALIVE.as_secs()),
            format!("| all | {} s, and a second more for each {} KiB", BODY_TIME.as_secs(), BYTES_A_SECOND / 1024),
            format!("a connection that sends nothing | all | {} s |", HEAD_TIME.as_secs()),
        ] {
            assert!(page.contains(&told), "docs/limits.md lacks {told}");
        }
    }
}
