//! What a client is told that cannot be served.

use std::net::TcpStream;

use protocol::Site;

/// Says 503 to a client that cannot be served now, with what can be sent and received at once, and closes. It is not
/// waited for until the client closes too: that would be to hold the connection after all.
pub fn turn_away(mut client: TcpStream, site: &Site) {
    if client.set_nonblocking(true).is_ok() {
        site.turn_away(&mut client);
    }
}
