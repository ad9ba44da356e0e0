//! Wires the service: load the atlas, start the feed, bind, answer, and stop in order.

use std::io::Write;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::dev::Server;
use actix_web::middleware::{Compress, from_fn};
use actix_web::{App as Routes, web};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

use crate::care::Standards;
use crate::feed::{self, Live};
use crate::http::{App, listener, seam, wire};
use crate::quiet::Quiet;
use crate::registry::{MissingRecords, Registry};
use crate::settings::Settings;
use crate::{api, pages, past};

/// How long answers under way may take once the service is told to stop.
const DRAIN_S: u64 = 6;
/// How long after that the workers may take to end. One that is busy with a computation does not hear of it.
const WORKERS: Duration = Duration::from_secs(1);
/// How long the feed and the heartbeat may take to end.
const FEED: Duration = Duration::from_secs(1);

/// Serves until SIGINT or SIGTERM. The registry is already open and migrated; long questions go to the quiet threads.
pub async fn serve(
    settings: Settings,
    listen: SocketAddr,
    registry: Registry,
    quiet: Quiet,
    stop_clock: StopClock,
) -> Result<(), String> {
    let stop = CancellationToken::new();
    let zone = settings.time_zone;
    let began = Instant::now();
    let (atlas, missing) =
        feed::first(&registry, zone).await.map_err(|error| format!("the record cannot be read: {error}"))?;
    tracing::info!(
        facilities = atlas.facility_count(),
        demand_points = atlas.demand().len(),
        revision = atlas.revision(),
        took = ?began.elapsed(),
        "the atlas is drawn",
    );
    let live = Arc::new(Live::new(atlas));
    for of in &missing {
        tracing::error!(
            entity = of.entity.code(), count = of.count, first = ?of.first,
            "records that the log knows are missing from the database: a damaged disk, or rows deleted by hand. {}",
            MissingRecords::REPAIR
        );
    }
    live.set_missing(missing);
    let feed = tokio::spawn(feed::follow(registry.clone(), live.clone(), zone, stop.clone()));
    tokio::spawn(past::keep_snapshots(registry.clone(), stop.clone()));
    let heartbeat = tokio::spawn(feed::beat(registry.clone(), live.clone(), stop.clone()));
    let standards = standards(&settings)?;
    let mut app = App::new(settings, registry, live, &quiet.handle);
    if let Some(standards) = standards {
        app.standards = standards;
    }
    let app = web::Data::new(app);
    let routes = {
        let app = app.clone();
        move || {
            Routes::new()
                .app_data(app.clone())
                .app_data(web::PayloadConfig::new(wire::BODY))
                .wrap(from_fn(wire::wire))
                .wrap(Compress::default())
                .wrap(from_fn(seam::seam))
                .configure(api::routes)
                .configure(|config| pages::routes(config, &app.settings.assets))
                .default_service(web::to(api::not_found))
        }
    };
    let bound = |address| {
        let socket = listener::bind(address).map_err(|error| format!("cannot listen on {address}: {error}"))?;
        let address = socket.local_addr().map_err(|error| format!("{address}: {error}"))?;
        Ok::<_, String>((socket, address))
    };
    let (public, address) = bound(listen)?;
    let private = app.settings.metrics_listen.map(bound).transpose()?;
    let asked = asked_to_stop()?;
    let mut server = Server::build().shutdown_timeout(DRAIN_S).disable_signals();
    let failed = |error: std::io::Error| format!("cannot answer: {error}");
    if let Some((socket, address)) = private {
        let app = app.clone();
        let figures = move || {
            let routes = Routes::new().app_data(app.clone()).wrap(from_fn(seam::seam)).configure(api::metrics::routes);
            routes.default_service(web::to(api::not_found))
        };
        server = listener::answer(server, "metrics", socket, stop.clone(), figures).map_err(failed)?;
        println!("metrics on http://{address}/metrics");
    }
    server = listener::answer(server, "public", public, stop.clone(), routes).map_err(failed)?;
    // Scripts wait for this line; it must be out before the first answer.
    println!("listening on http://{address}");
    let _ = std::io::stdout().flush();
    let server = server.run();
    let handle = server.handle();
    let stopper = stop.clone();
    tokio::spawn(async move {
        asked.await;
        tracing::info!("stopping: no new requests, answers under way are finished");
        stop_clock.start();
        stopper.cancel();
        handle.stop(true).await;
    });
    let late = async {
        stop.cancelled().await;
        tokio::time::sleep(Duration::from_secs(DRAIN_S) + WORKERS).await;
    };
    let answered = tokio::select! {
        answered = server => answered.map_err(|error| error.to_string()),
        () = late => {
            tracing::warn!("some answers were not finished in time");
            Ok(())
        }
    };
    stop.cancel();
    // A question to a database that says nothing would not end by itself.
    let _ = tokio::time::timeout(FEED, async { tokio::join!(feed, heartbeat) }).await;
    answered
}

/// Ends the process when stopping takes too long, whatever hangs: it is told when stopping begins.
pub struct StopClock(Box<dyn FnOnce() + Send>);

impl StopClock {
    pub fn new(start: impl FnOnce() + Send + 'static) -> StopClock {
        StopClock(Box::new(start))
    }

    fn start(self) {
        (self.0)();
    }
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
