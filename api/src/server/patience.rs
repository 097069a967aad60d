//! How long a client may leave unread what is sent to it.
//!
//! A connection whose client reads nothing would be held for as long as that client likes: the system takes a few hundred
//! kilobytes, and then every write waits. What counts is the time that writes wait, less what the client read
//! meanwhile at [`SLOWEST`]; so a slow line goes on, and whoever reads a byte now and then does not.

use std::future::Future as _;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep};

use crate::http::metrics::CUT;

/// Bytes a second that a client must read at least, over any time longer than its patience.
pub(super) const SLOWEST: u64 = 1_024;

/// The time that it takes to read so much at the slowest.
pub(super) fn time_for(bytes: usize) -> Duration {
    Duration::from_millis((bytes as u64).saturating_mul(1_000) / SLOWEST)
}

/// Time that was waited for a client, less what it earned by reading.
#[derive(Default)]
struct Waited {
    in_all: Duration,
    since: Option<Instant>,
}

impl Waited {
    /// A write has to wait; gives back how much of the patience is left.
    fn waits(&mut self, now: Instant, patience: Duration) -> Duration {
        let since = *self.since.get_or_insert(now);
        patience.saturating_sub(self.in_all + (now - since))
    }

    fn took(&mut self, now: Instant, bytes: usize) {
        if let Some(since) = self.since.take() {
            self.in_all += now - since;
        }
        self.in_all = self.in_all.saturating_sub(time_for(bytes));
    }
}

/// A connection that ends when its client leaves unread what is sent for too long.
pub(super) struct Patient<S> {
    stream: S,
    patience: Duration,
    waited: Waited,
    /// Runs while a write waits.
    timer: Option<Pin<Box<Sleep>>>,
}

impl<S> Patient<S> {
    pub(super) fn new(stream: S, patience: Duration) -> Self {
        Self { stream, patience, waited: Waited::default(), timer: None }
    }

    fn written(&mut self, cx: &mut Context<'_>, written: Poll<io::Result<usize>>) -> Poll<io::Result<usize>> {
        match written {
            Poll::Ready(Ok(bytes)) => {
                // Most writes never wait, and need no clock.
                if self.timer.take().is_some() || !self.waited.in_all.is_zero() {
                    self.waited.took(Instant::now(), bytes);
                }
                Poll::Ready(Ok(bytes))
            }
            Poll::Ready(Err(error)) => Poll::Ready(Err(error)),
            Poll::Pending => self.wait(cx),
        }
    }

    fn wait(&mut self, cx: &mut Context<'_>) -> Poll<io::Result<usize>> {
        let (waited, patience) = (&mut self.waited, self.patience);
        let timer = self.timer.get_or_insert_with(|| {
            let now = Instant::now();
            Box::pin(tokio::time::sleep_until(now + waited.waits(now, patience)))
        });
        timer.as_mut().poll(cx).map(|()| {
            metrics::counter!(CUT, "reason" => "unread").increment(1);
            Err(io::Error::new(io::ErrorKind::TimedOut, "the client does not read"))
        })
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Patient<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        into: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, into)
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Patient<S> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, bytes);
        self.written(cx, written)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, slices);
        self.written(cx, written)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// When a client is cut that reads so many bytes every so often, with ten seconds of patience.
    fn lasts(bytes: usize, every: Duration) -> Option<Duration> {
        let (begin, patience) = (Instant::now(), Duration::from_secs(10));
        let (mut waited, mut now) = (Waited::default(), begin);
        for _ in 0..2_000 {
            let left = waited.waits(now, patience);
            if left <= every {
                return Some(now - begin + left);
            }
            now += every;
            waited.took(now, bytes);
        }
        None
    }

    #[test]
    fn whoever_reads_nothing_or_a_byte_now_and_then_is_cut_and_a_slow_line_is_not() {
        let second = Duration::from_secs(1);
        assert_eq!(lasts(0, second), Some(Duration::from_secs(10)));
        assert_eq!(lasts(1, second), Some(Duration::from_secs(10)));
        let half = lasts(SLOWEST as usize / 2, second);
        assert!(half.is_some_and(|after| after < Duration::from_secs(30)), "{half:?}");
        assert_eq!(lasts(SLOWEST as usize, second), None);
        assert_eq!(lasts(8 << 10, Duration::from_secs(7)), None, "in gulps");
        assert_eq!(lasts(1 << 20, Duration::from_secs(10)), Some(Duration::from_secs(10)));
    }
}
