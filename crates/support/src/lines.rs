//! Lines of a log, and the count of those that are lost.

use std::os::fd::AsFd;

use rustix::pipe::PIPE_BUF;

use crate::lost::Lost;
use crate::output::Output;

/// What stands at the end of a line that is longer than [`PIPE_BUF`] bytes.
const CUT: &str = " ... (cut)";

/// Lines on their way to an output. Those that find no room are dropped and counted, and the count is written as soon
/// as there is room again.
#[derive(Debug)]
pub(crate) struct Lines<F> {
    output: Output<F>,
    lost: Lost,
}

impl<F: AsFd> Lines<F> {
    pub(crate) fn new(stream: F) -> Lines<F> {
        Lines { output: Output::new(stream), lost: Lost::new() }
    }

    /// Writes these as far as there is room for them. Whole lines, up to [`PIPE_BUF`] bytes, are written in one piece,
    /// so that those of several threads and processes do not mix. A longer line is cut.
    pub(crate) fn write(&self, lines: &str) {
        for piece in pieces(lines) {
            if !self.told_of_lost() || !self.output.put(&piece) {
                self.lost.add(piece.lines().count() as u64);
            }
        }
    }

    /// Whether the reader knows of all lines that were lost before.
    fn told_of_lost(&self) -> bool {
        let lost = self.lost.take();
        let lines = if lost == 1 { "line" } else { "lines" };
        let told = lost == 0 || self.output.put(&format!("... {lost} {lines} of the log lost: nobody read them\n"));
        if !told {
            self.lost.add(lost);
        }
        told
    }
}

/// As many whole lines in each as the system writes in one piece.
fn pieces(lines: &str) -> Vec<String> {
    let mut pieces = Vec::new();
    let mut piece = String::new();
    for line in lines.lines() {
        let (line, cut) = if line.len() < PIPE_BUF { (line, "") } else { (beginning(line), CUT) };
        if piece.len() + line.len() + cut.len() + 1 > PIPE_BUF {
            pieces.push(std::mem::take(&mut piece));
        }
        piece.extend([line, cut, "\n"]);
    }
    pieces.push(piece);
    pieces.retain(|piece| !piece.is_empty());
    pieces
}

/// So much of a line that it and [`CUT`] are one piece.
fn beginning(line: &str) -> &str {
    let mut end = PIPE_BUF - CUT.len() - 1;
    while !line.is_char_boundary(end) {
        end -= 1;
    }
    &line[..end]
}

#[cfg(test)]
mod tests {
    use std::io::{self, PipeReader, PipeWriter, Read, Write};
    use std::os::unix::net::UnixStream;

    use super::*;

    fn pipe() -> (PipeReader, Lines<PipeWriter>) {
        let (reader, writer) = io::pipe().expect("a pipe");
        (reader, Lines::new(writer))
    }

    /// All that was written, once nobody writes any more.
    fn read(mut reader: impl Read, lines: Lines<impl AsFd>) -> String {
        drop(lines);
        let mut text = String::new();
        reader.read_to_string(&mut text).expect("text");
        text
    }

    fn numbered(number: usize) -> String {
        format!("line {number:06}, and what it says\n")
    }

    #[test]
    fn lines_that_find_no_room_are_counted_and_the_count_is_said() {
        const LINES: usize = 10_000;
        let (mut reader, lines) = pipe();
        for number in 0..LINES {
            lines.write(&numbered(number));
        }
        let mut buffer = vec![0; 1024 * 1024];
        let length = reader.read(&mut buffer).expect("what found room");
        let before = String::from_utf8_lossy(&buffer[..length]).into_owned();
        let fitted = before.lines().count();
        assert_eq!(before, (0..fitted).map(numbered).collect::<String>());
        assert!(fitted < LINES);

        lines.write("there is room\n");
        lines.write("again\n");
        let lost = LINES - fitted;
        let after = read(reader, lines);
        assert_eq!(after, format!("... {lost} lines of the log lost: nobody read them\nthere is room\nagain\n"));
    }

    #[test]
    fn a_count_that_finds_no_room_is_not_lost() {
        let (mut reader, writer) = io::pipe().expect("a pipe");
        let mut others = writer.try_clone().expect("the same pipe");
        let lines = Lines::new(writer);
        for number in 0..10_000 {
            lines.write(&numbered(number));
        }
        let lost = lines.lost.take();
        lines.lost.add(lost);
        for _ in 0..3 {
            lines.write("lost too\n");
        }
        // Room for less than a line and the count.
        let mut page = vec![0; 2 * PIPE_BUF];
        reader.read_exact(&mut page).expect("what was written");
        others.write_all(&page[..2 * PIPE_BUF - 16]).expect("room");
        lines.write("lost too\n");
        let mut buffer = vec![0; 1024 * 1024];
        let _ = reader.read(&mut buffer).expect("what was written");
        lines.write("at last\n");
        drop(others);
        let text = read(reader, lines);
        assert!(text.contains(&format!("... {} lines of the log lost", lost + 4)), "{lost} and 4: {text}");
    }

    #[test]
    fn one_line_is_not_lines() {
        let (reader, lines) = pipe();
        lines.lost.add(1);
        lines.write("x\n");
        assert_eq!(read(reader, lines), "... 1 line of the log lost: nobody read them\nx\n");
    }

    #[test]
    fn what_is_torn_ends_its_line() {
        let (mut reader, stream) = UnixStream::pair().expect("sockets");
        let lines = Lines::new(stream);
        for number in 0..100_000 {
            lines.write(&numbered(number));
        }
        let mut buffer = vec![0; 16 * 1024 * 1024];
        reader.set_nonblocking(true).expect("a flag");
        let mut length = 0;
        while let Ok(more @ 1..) = reader.read(&mut buffer[length..]) {
            length += more;
        }
        lines.write("later\n");
        reader.set_nonblocking(false).expect("a flag");
        let after = read(reader, lines);
        assert!(after.contains("lines of the log lost") && after.ends_with("\nlater\n"), "{after}");
    }

    #[test]
    fn long_lines_are_cut_between_characters() {
        for line in ["x".repeat(PIPE_BUF), "é".repeat(PIPE_BUF), "x".to_owned() + &"语".repeat(PIPE_BUF)] {
            let [piece] = &pieces(&line)[..] else { panic!("one piece") };
            assert!(piece.len() <= PIPE_BUF && piece.len() > PIPE_BUF - 4, "{} bytes", piece.len());
            assert!(piece.ends_with(" ... (cut)\n") && line.starts_with(piece.trim_end_matches(" ... (cut)\n")));
        }
        let longest = "x".repeat(PIPE_BUF - 1);
        assert_eq!(pieces(&longest), [longest + "\n"]);
    }

    #[test]
    fn a_piece_holds_as_many_whole_lines_as_it_can() {
        let text: String = (0..1000).map(numbered).collect();
        let pieces = pieces(&text);
        assert_eq!(pieces.concat(), text);
        assert!(pieces.iter().all(|piece| piece.len() <= PIPE_BUF && piece.ends_with('\n')));
        assert_eq!(pieces.len(), text.len().div_ceil(PIPE_BUF / numbered(0).len() * numbered(0).len()));
        assert_eq!(super::pieces(""), Vec::<String>::new());
    }
}
