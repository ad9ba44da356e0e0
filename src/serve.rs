//! Wires the service: load the atlas, start the feed, bind, answer, and stop in order.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::middleware::{Compress, from_fn};
use actix_web::{App as Routes, HttpServer, web};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::care::Standards;
use crate::feed::{self, Live};
use crate::http::{App, seam};
use crate::quiet::Quiet;
use crate::registry::Registry;
use crate::settings::Settings;
use crate::{api, pages, past};

/// How long answers under way may take once the service is told to stop.
const DRAIN_S: u64 = 10;

/// Idle connections are kept this long: a phone on a slow network comes back within a minute.
const KEEP_ALIVE: Duration = Duration::from_secs(75);

/// Serves until SIGINT or SIGTERM. The registry is already open and migrated; long questions go to the quiet threads.
pub async fn serve(settings: Settings, listen: SocketAddr, registry: Registry, quiet: Quiet) -> Result<(), String> {
    let stop = CancellationToken::new();
    let zone = settings.time_zone;
    let began = Instant::now();
    let atlas = feed::redraw(&registry, zone).await.map_err(|error| format!("the record cannot be read: {error}"))?;
    tracing::info!(
        facilities = atlas.facility_count(),
        demand_points = atlas.demand().len(),
        revision = atlas.revision(),
        took = ?began.elapsed(),
        "the atlas is drawn",
    );
    let live = Arc::new(Live::new(atlas));
    let feed = tokio::spawn(feed::follow(registry.clone(), live.clone(), zone, stop.clone()));
    tokio::spawn(past::keep_snapshots(registry.clone(), stop.clone()));
    let standards = standards(&settings)?;
    let mut app = App::new(settings, registry, live, &quiet.handle);
    if let Some(standards) = standards {
        app.standards = standards;
    }
    let app = web::Data::new(app);
    let server = HttpServer::new(move || {
        Routes::new()
            .app_data(app.clone())
            .app_data(web::PayloadConfig::new(api::capacity::BODY_LIMIT))
            .wrap(Compress::default())
            .wrap(from_fn(seam::seam))
            .configure(api::routes)
            .configure(|config| pages::routes(config, &app.settings.assets))
            .default_service(web::to(api::not_found))
    })
    .keep_alive(KEEP_ALIVE)
    // Whoever hangs up no longer waits: the handler is dropped, and a long search with it.
    .h1_allow_half_closed(false)
    .shutdown_timeout(DRAIN_S)
    .disable_signals()
    .bind(listen)
    .map_err(|error| format!("cannot listen on {listen}: {error}"))?;
    let asked = asked_to_stop()?;
    for address in server.addrs() {
        // Scripts wait for this line; it must be out before the first answer.
        println!("listening on http://{address}");
    }
    let _ = std::io::stdout().flush();
    let server = server.run();
    let handle = server.handle();
    let stopper = stop.clone();
    tokio::spawn(async move {
        asked.await;
        tracing::info!("stopping: no new requests, answers under way are finished");
        stopper.cancel();
        handle.stop(true).await;
    });
    let answered = server.await.map_err(|error| error.to_string());
    stop.cancel();
    let _ = feed.await;
    answered
}

/// The bureau's own standards, where the settings name a file of them.
fn standards(settings: &Settings) -> Result<Option<Standards>, String> {
    let Some(path) = &settings.standards else { return Ok(None) };
    let wrong = |why: String| format!("the standards in {}: {why}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    Standards::read(&text).map(Some).map_err(wrong)
}

/// Waits for SIGINT or SIGTERM. Listens from when it is called, not from when it is first awaited: whoever has read that
/// the service listens may stop it at once.
fn asked_to_stop() -> Result<impl Future<Output = ()>, String> {
    let listen = |kind| signal(kind).map_err(|error| format!("cannot listen for signals: {error}"));
    let (mut interrupt, mut terminate) = (listen(SignalKind::interrupt())?, listen(SignalKind::terminate())?);
    Ok(async move {
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
        }
    })
}
