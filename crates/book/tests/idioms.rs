//! The Rust side of the page "Rust for Python programmers": what stands in its tables is compiled and run here, and
//! the Python beside it is run by `pages.rs`.

use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Mutex;
use std::thread;

type Anything = Result<(), Box<dyn std::error::Error>>;

#[test]
fn text_and_lists() {
    let (name, body, words) = ("index.html", b"<h1>hello</h1>", ["one", "", "three"]);
    assert_eq!(format!("{name} has {} bytes", body.len()), "index.html has 14 bytes");

    let lengths: Vec<usize> = words.iter().filter(|word| !word.is_empty()).map(|word| word.len()).collect();
    assert_eq!(lengths, [3, 5]);

    let mut seen = Vec::new();
    for (number, word) in words.iter().enumerate() {
        seen.push((number, *word));
    }
    assert_eq!(seen[2], (2, "three"));

    let ages = HashMap::from([("ada", 36)]);
    assert_eq!(ages.get("bob").copied().unwrap_or(0), 0);

    let mut count = HashMap::new();
    for word in words {
        *count.entry(word).or_insert(0) += 1;
    }
    assert_eq!(count["one"], 1);
}

#[test]
fn nothing_and_failure() -> Anything {
    let (user, text) = (Some("ada"), "8080");
    if let Some(user) = user {
        assert_eq!(user, "ada");
    }

    let port: u16 = text.parse()?;
    assert_eq!(port, 8080);

    let port: u16 = "eighty".parse().unwrap_or(7890);
    assert_eq!(port, 7890);

    let folder = tempfile::tempdir()?;
    let path = folder.path().join("file");
    {
        let mut file = File::create(path)?;
        file.write_all(b"<h1>hello</h1>")?;
    }
    Ok(())
}

#[test]
fn bytes_and_values() -> Anything {
    let (data, busy, status) = (b"GET / HTTP/1.1\r\n\r\n", true, 204);
    assert_eq!(&data[..4], b"GET ");
    assert_eq!(data.get(..4000), None);
    assert_eq!("世界".len(), 6);
    assert!(str::from_utf8(data)?.starts_with("GET"));

    let first = vec![1, 2];
    let mut second = first;
    second.push(3);
    assert_eq!(second, [1, 2, 3]);

    assert_eq!(if busy { "on" } else { "off" }, "on");
    assert!(matches!(status, 200 | 204));

    let add = |x| x + 1;
    assert_eq!(add(1), 2);
    Ok(())
}

struct Counter {
    value: u32,
}

impl Counter {
    fn new(start: u32) -> Counter {
        Counter { value: start }
    }

    fn add(&mut self) {
        self.value += 1;
    }
}

fn head(source: &mut impl Read) -> io::Result<[u8; 4]> {
    let mut bytes = [0; 4];
    source.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[test]
fn objects() -> Anything {
    let mut counter = Counter::new(1);
    counter.add();
    assert_eq!(counter.value, 2);
    assert_eq!(&head(&mut b"GET / HTTP/1.1".as_slice())?, b"GET ");
    Ok(())
}

fn serve(connection: TcpStream) -> io::Result<()> {
    drop(connection);
    Ok(())
}

#[test]
fn sockets_and_threads() -> Anything {
    let data = b"GET / HTTP/1.1\r\n\r\n";
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let mut client = TcpStream::connect(listener.local_addr()?)?;
    let (mut connection, address) = listener.accept()?;
    assert_eq!(address, client.local_addr()?);
    connection.write_all(data)?;
    let mut buffer = [0; 1024];
    let length = client.read(&mut buffer)?;
    assert_eq!(&buffer[..length], data);

    let thread = thread::spawn(move || serve(connection));
    thread.join().map_err(|_| "the thread has panicked")??;

    let total = Mutex::new(0);
    *total.lock().unwrap() += 1;
    assert_eq!(*total.lock().unwrap(), 1);
    Ok(())
}
