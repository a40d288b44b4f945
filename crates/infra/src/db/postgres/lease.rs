//! A connection taken from the pool. Whoever stops in the middle, because the caller went away or a statement
//! failed, must not give it back inside an open transaction.

use std::ops::Deref;
use std::task::{Context, Waker};

use deadpool_postgres::{ClientWrapper, Object};

/// A connection that is rolled back when dropped, unless it was [finished](Lease::finish) with.
#[derive(Debug)]
pub(super) struct Lease {
    client: Object,
    open: bool,
}

impl Lease {
    pub(super) fn new(client: Object) -> Self {
        Self { client, open: true }
    }

    /// Gives the connection back as it is: it is outside any transaction.
    pub(super) fn finish(mut self) {
        self.open = false;
    }
}

impl Deref for Lease {
    type Target = ClientWrapper;
    fn deref(&self) -> &ClientWrapper {
        &self.client
    }
}

impl Drop for Lease {
    /// The driver sends when polled for the first time, and whatever the next one sends comes after it.
    fn drop(&mut self) {
        if self.open {
            let mut rollback = Box::pin(self.client.batch_execute("ROLLBACK"));
            let _ = rollback.as_mut().poll(&mut Context::from_waker(Waker::noop()));
        }
    }
}
