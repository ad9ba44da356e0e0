//! The wire: what a request's body may be before any handler reads it. Never compressed, and never slow.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{EitherBody, MessageBody};
use actix_web::dev::{Payload, ServiceRequest, ServiceResponse};
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderMap, HeaderValue};
use actix_web::middleware::Next;
use actix_web::web::Bytes;
use actix_web::{Error, HttpMessage, HttpRequest};
use futures_util::Stream;
use tokio::time::{Instant, Sleep, sleep_until};

use super::connection::Watch;
use super::{Code, Problem};

/// Bytes of a body, but at the address below.
pub const BODY: usize = 64 * 1024;

/// Bytes of a question about sites: many candidates and areas.
pub const SITING_BODY: usize = 4 * 1024 * 1024;

/// Where the larger body is taken.
pub const SITING: &str = "/api/v1/siting";

/// How long the body of a request may take from the end of its headers.
pub const BODY_TIME: Duration = Duration::from_secs(10);

/// A body that keeps coming gets a second more for so many bytes: a long list over a thin line is not slow.
pub const BYTES_A_SECOND: u64 = 64 * 1024;

/// Refuses a body that is not said to be JSON in UTF-8; `example` shows one that is.
pub fn takes_json(request: &HttpRequest, example: &str) -> Result<(), Problem> {
    let told = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (essence, rest) = told.split_once(';').unwrap_or((told, ""));
    let known = ["application/json", "application/merge-patch+json"];
    let charset = rest.split(';').find_map(|part| part.trim().strip_prefix("charset="));
    let plain = charset.is_none_or(|charset| charset.trim_matches('"').eq_ignore_ascii_case("utf-8"));
    if plain && known.contains(&&*essence.trim().to_ascii_lowercase()) {
        return Ok(());
    }
    Err(Problem::new(Code::WrongType, format!("Send it as application/json in UTF-8, such as {example}.")))
}

/// Refuses compressed bodies before a byte of them is unpacked, and gives every other its time.
pub async fn wire<B: MessageBody + 'static>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    // Until the handler has answered; what comes on the connection later must become a request in its turn.
    let _under_way = request.conn_data::<Watch>().map(Watch::request);
    if let Some(coding) = coded(request.headers()) {
        let detail = format!("The body is sent as {coding}; send it as it is, without Content-Encoding.");
        let mut response = request.error_response(Problem::new(Code::Coded, detail));
        // What would be taken (RFC 9110, 12.5.3).
        response.headers_mut().insert(header::ACCEPT_ENCODING, HeaderValue::from_static("identity"));
        return Ok(response.map_into_right_body());
    }
    let body = request.take_payload();
    request.set_payload(match body {
        Payload::None => Payload::None,
        body => Payload::Stream { payload: Box::pin(Timed::new(body)) },
    });
    Ok(next.call(request).await?.map_into_left_body())
}

/// The first coding of the body that is not `identity`, shortened to what can be shown.
fn coded(headers: &HeaderMap) -> Option<String> {
    let told = headers.get_all(header::CONTENT_ENCODING);
    let words = told.flat_map(|value| value.as_bytes().split(|byte| *byte == b','));
    let mut words = words.map(<[u8]>::trim_ascii).filter(|word| !word.is_empty());
    let other = words.find(|word| !word.eq_ignore_ascii_case(b"identity"))?;
    Some(other.iter().take(20).map(|byte| if byte.is_ascii_graphic() { char::from(*byte) } else { '?' }).collect())
}

/// A body with a last moment.
struct Timed {
    body: Payload,
    began: Instant,
    received: u64,
    timer: Pin<Box<Sleep>>,
    /// What a body may take however short it is.
    time: Duration,
}

impl Timed {
    fn new(body: Payload) -> Timed {
        Timed::within(body, BODY_TIME)
    }

    fn within(body: Payload, time: Duration) -> Timed {
        let began = Instant::now();
        Timed { body, began, received: 0, timer: Box::pin(sleep_until(began + time)), time }
    }

    fn last_moment(&self) -> Instant {
        self.began + self.time + Duration::from_secs(self.received / BYTES_A_SECOND)
    }
}

impl Stream for Timed {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut self.body).poll_next(context);
        if let Poll::Ready(Some(Ok(bytes))) = &polled {
            self.received += bytes.len() as u64;
            let last_moment = self.last_moment();
            self.timer.as_mut().reset(last_moment);
        }
        let over = match &polled {
            Poll::Ready(Some(Ok(_))) => Instant::now() >= self.last_moment(),
            Poll::Ready(_) => false,
            Poll::Pending => self.timer.as_mut().poll(context).is_ready(),
        };
        if over { Poll::Ready(Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into())))) } else { polled }
    }
}

/// Whether a body was refused because it came too slowly.
pub fn too_slow(error: &Error) -> bool {
    matches!(error.as_error::<PayloadError>(), Some(PayloadError::Io(io)) if io.kind() == io::ErrorKind::TimedOut)
}

#[cfg(test)]
mod tests {
    use futures_util::StreamExt;
    use futures_util::stream;

    use super::*;

    const TIME: Duration = Duration::from_millis(200);

    fn told(values: &[&'static str]) -> Option<String> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(header::CONTENT_ENCODING, HeaderValue::from_static(value));
        }
        coded(&headers)
    }

    #[test]
    fn any_coding_but_identity_is_found_wherever_it_stands() {
        for plain in [&[][..], &["identity"], &["Identity, identity"], &[""]] {
            assert_eq!(told(plain), None, "{plain:?}");
        }
        assert_eq!(told(&["br"]).as_deref(), Some("br"));
        assert_eq!(told(&["identity, GZIP"]).as_deref(), Some("GZIP"));
        assert_eq!(told(&["identity", "zstd"]).as_deref(), Some("zstd"));
        assert_eq!(told(&["deflate;x"]).as_deref(), Some("deflate;x"));
    }

    #[tokio::test]
    async fn a_body_that_trickles_ends_and_one_that_flows_does_not() {
        let trickle = stream::unfold(0, |at| async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            Some((Ok(Bytes::from_static(b"1")), at + 1))
        });
        let mut slow = Timed::within(Payload::Stream { payload: Box::pin(trickle) }, TIME);
        let began = Instant::now();
        let mut last = slow.next().await;
        while let Some(Ok(_)) = last {
            last = slow.next().await;
        }
        assert!(matches!(&last, Some(Err(error)) if too_slow(&Error::from(PayloadError::Io(match error {
            PayloadError::Io(io) => io.kind().into(),
            other => panic!("{other}"),
        })))));
        assert!((TIME..TIME * 5).contains(&began.elapsed()), "{:?}", began.elapsed());
        let flow = stream::unfold(0, |at| async move {
            tokio::time::sleep(Duration::from_millis(20)).await;
            (at < 30).then(|| (Ok(Bytes::from(vec![0; BYTES_A_SECOND as usize])), at + 1))
        });
        let flow = Timed::within(Payload::Stream { payload: Box::pin(flow) }, TIME);
        assert!(
            flow.collect::<Vec<_>>().await.iter().all(Result::is_ok),
            "longer than the time, but 64 KiB at each step"
        );
    }
}
