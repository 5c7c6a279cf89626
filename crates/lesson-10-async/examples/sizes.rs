//! What has to be remembered of one client, in bytes: the struct that lesson 05 wrote by hand, and the future that the
//! compiler makes of `serve` in lesson 10.

#[allow(dead_code)]
#[path = "../src/connection.rs"]
mod connection;
#[allow(dead_code)]
#[path = "../src/executor.rs"]
mod executor;
#[allow(dead_code)]
#[path = "../../lesson-05-nonblocking-list/src/connection.rs"]
mod lesson_05;
#[allow(dead_code)]
#[path = "../src/source.rs"]
mod source;
#[allow(dead_code)]
#[path = "../../lesson-05-nonblocking-list/src/turn.rs"]
mod turn;

fn main() {
    println!("{:5} bytes  struct Connection of lesson 05", size_of::<lesson_05::Connection>());
    println!("{:5} bytes  the future of serve in lesson 10", size_of_result(connection::serve));
}

/// Of what a function of five arguments returns. It need not be called for that.
fn size_of_result<A, B, C, D, E, R>(_: impl FnOnce(A, B, C, D, E) -> R) -> usize {
    size_of::<R>()
}
