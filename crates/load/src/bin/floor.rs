//! `floor PORT`: the floor as a program, built for release as the lessons are that it is compared with.

use std::io;
use std::net::TcpListener;
use std::process::ExitCode;

fn main() -> ExitCode {
    let port = std::env::args().nth(1).and_then(|port| port.parse::<u16>().ok());
    let Some(port) = port else {
        eprintln!("Usage: floor PORT");
        return ExitCode::from(2);
    };
    let served = TcpListener::bind(("127.0.0.1", port)).and_then(|listener| load::floor::serve(&listener));
    match served.map_err(|error: io::Error| eprintln!("floor: cannot serve on 127.0.0.1:{port}: {error}")) {
        Ok(()) => ExitCode::SUCCESS,
        Err(()) => ExitCode::FAILURE,
    }
}
