//! What the compiler makes of an async function.

use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use super::{Bench, Unseen, Value};
use crate::both;

/// Reads what there is.
async fn receive(stream: &mut &[u8]) -> usize {
    let came = stream.len();
    *stream = &[];
    came
}

/// The call is made, and nobody awaits it yet.
pub fn bytes_read_by_a_call(bench: &Bench) -> Result<Value, Unseen> {
    let sent = vec![b'x'; bench.given.bytes];
    let mut unread: &[u8] = &sent;
    drop(receive(&mut unread));
    let read = sent.len() - unread.len();
    // When it is polled, it reads.
    let polled = pin!(receive(&mut unread)).poll(&mut Context::from_waker(Waker::noop()));
    if polled != Poll::Ready(sent.len() - read) {
        return Err(Unseen(both!("the future did not read", "这个 future 没有读取")));
    }
    Ok(Value::count(read))
}

/// Filled before the wait, read after it.
async fn with_an_array() -> u8 {
    let array = black_box([1_u8; 1024]);
    std::future::ready(()).await;
    array[black_box(0)]
}

/// In bytes.
pub fn size_of_a_future(bench: &Bench) -> Result<Value, Unseen> {
    if bench.given.bytes != 1024 {
        return Err(Unseen(both!("its array has 1,024 bytes", "它的数组有 1024 字节")));
    }
    Ok(Value::count(size_of_val(&with_an_array())))
}
