//! What a connection is doing: seen at its socket and around its requests, so that it can be judged while it waits.

use super::{connections::Seat, tally::Reason};
use axum::body::Body;
use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use std::{
    io::{self, IoSlice},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};
use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
    time::Instant,
};

/// Shared by the parts of one connection, all of which run in its task.
#[derive(Clone)]
pub(super) struct Watch(Arc<Watched>);

struct Watched {
    seat: Seat,
    state: Mutex<State>,
}

struct State {
    has_asked: bool,
    /// From the end of a request's head to that of its answer.
    in_work: bool,
    /// Since the connection began, or since the last answer.
    waiting: Instant,
    /// When the first byte of the next head came.
    head: Option<Instant>,
    /// Since when the other side takes nothing of what is sent.
    stalled: Option<Instant>,
}

impl State {
    fn is_idle(&self) -> bool {
        !self.in_work && self.stalled.is_none()
    }
}

impl Watch {
    pub(super) fn new(seat: Seat) -> Self {
        let state = State { has_asked: false, in_work: false, waiting: Instant::now(), head: None, stalled: None };
        Self(Arc::new(Watched { seat, state: Mutex::new(state) }))
    }

    pub(super) fn seat(&self) -> &Seat {
        &self.0.seat
    }

    /// Nothing is in work, and nothing is being sent.
    pub(super) fn is_idle(&self) -> bool {
        self.state().is_idle()
    }

    /// It owes us a head: it never asked, or has begun to.
    pub(super) fn owes_head(&self) -> bool {
        let state = self.state();
        state.is_idle() && (!state.has_asked || state.head.is_some())
    }

    /// When it has to be closed unless it gets on, and why.
    pub(super) fn due(&self) -> Option<(Instant, Reason)> {
        let (state, limits) = (self.state(), self.0.seat.limits());
        if let Some(stalled) = state.stalled {
            return Some((stalled + limits.stall, Reason::Stalled));
        }
        if state.in_work {
            return None;
        }
        match (state.head, state.has_asked) {
            // Not from its first byte: a silent beginning is part of the head's time.
            (_, false) => Some((state.waiting + limits.head, Reason::HeadTimeout)),
            (Some(began), true) => Some((began + limits.head, Reason::HeadTimeout)),
            (None, true) => Some((state.waiting + limits.idle, Reason::Idle)),
        }
    }

    /// A request's head is whole.
    pub(super) fn begin(&self) -> InWork {
        self.change(|state| {
            state.in_work = true;
            state.has_asked = true;
            state.head = None;
        });
        InWork(self.clone())
    }

    fn change(&self, change: impl FnOnce(&mut State)) {
        let mut state = self.state();
        let was_idle = state.is_idle();
        change(&mut state);
        let (is_idle, has_asked, waiting) = (state.is_idle(), state.has_asked, state.waiting);
        drop(state);
        match (was_idle, is_idle) {
            (true, false) => self.0.seat.busy(),
            (false, true) => self.0.seat.idle(has_asked, waiting),
            _ => {}
        }
    }

    fn has_read(&self) {
        let mut state = self.state();
        if !state.in_work && state.head.is_none() {
            state.head = Some(Instant::now());
        }
    }

    fn has_written<T>(&self, written: &Poll<T>) {
        let stalled = written.is_pending();
        if stalled != self.state().stalled.is_some() {
            self.change(|state| state.stalled = stalled.then(Instant::now));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Held while a request is worked on and answered.
pub(super) struct InWork(Watch);

impl Drop for InWork {
    fn drop(&mut self) {
        self.0.change(|state| {
            state.in_work = false;
            state.waiting = Instant::now();
        });
    }
}

/// An answer's body, during which the connection is in work: a stream for as long as it lasts.
pub(super) struct Answer {
    pub(super) body: Body,
    pub(super) _in_work: InWork,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// The socket, with an eye on what comes and goes.
pub(super) struct Socket {
    pub(super) stream: TcpStream,
    pub(super) watch: Watch,
}

impl AsyncRead for Socket {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buf.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buf);
        if buf.filled().len() > before {
            self.watch.has_read();
        }
        read
    }
}

impl AsyncWrite for Socket {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &[u8]) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(cx, buf);
        self.watch.has_written(&written);
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(cx, bufs);
        self.watch.has_written(&written);
        written
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
