//! The whole terminal: taken over, drawn, and given back in whatever way this program ends.

use std::io::{self, IsTerminal, Write};
use std::sync::Once;
use std::sync::atomic::{AtomicBool, Ordering};
use std::{env, panic, thread};

use anstream::adapter::strip_str;
use anstream::{AutoStream, ColorChoice};
use crossterm::cursor::{Hide, MoveTo, Show};
use crossterm::terminal::{
    self, BeginSynchronizedUpdate, Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
};
use crossterm::{execute, queue};
use unicode_width::UnicodeWidthStr;

/// Whether the terminal is taken over now.
static TAKEN: AtomicBool = AtomicBool::new(false);

/// Whether there is a terminal that can be drawn on and gives keys.
pub fn is_possible() -> bool {
    io::stdin().is_terminal() && io::stdout().is_terminal() && env::var_os("TERM").is_some_and(|term| term != "dumb")
}

/// Gives the terminal back as it was, if it is taken over. May be called at any time, also from another thread.
pub fn give_back() {
    if TAKEN.swap(false, Ordering::SeqCst) {
        let _ = execute!(io::stdout(), Show, LeaveAlternateScreen);
        let _ = terminal::disable_raw_mode();
    }
}

/// What a screen shows: its size, the lines from the top, those at the bottom.
type Drawn = ((usize, usize), Vec<String>, Vec<String>);

/// The terminal, as long as it is taken over. Dropping this gives it back.
pub struct Screen {
    /// What it shows now.
    drawn: Drawn,
}

impl Screen {
    /// Takes the terminal over.
    pub fn take() -> io::Result<Screen> {
        give_back_on_panic();
        terminal::enable_raw_mode()?;
        TAKEN.store(true, Ordering::SeqCst);
        let screen = Screen { drawn: Drawn::default() };
        execute!(io::stdout(), EnterAlternateScreen, Hide)?;
        Ok(screen)
    }

    /// Columns and lines.
    pub fn size(&self) -> (usize, usize) {
        let (width, height) = terminal::size().unwrap_or((80, 24));
        (usize::from(width).max(1), usize::from(height).max(1))
    }

    /// Draws these lines from the top, and those at the bottom. A line that is too long goes on in the next. What is
    /// there already is left alone.
    pub fn draw(&mut self, lines: Vec<String>, bottom: Vec<String>) -> io::Result<()> {
        let now = (self.size(), lines, bottom);
        if now == self.drawn {
            return Ok(());
        }
        let mut out = io::stdout().lock();
        // A signal may have given it back: then this program is about to end.
        if !TAKEN.load(Ordering::SeqCst) {
            return Ok(());
        }
        queue!(out, BeginSynchronizedUpdate)?;
        let ((width, height), lines, bottom) = &now;
        let end = height.saturating_sub(bottom.len());
        if now.0 != self.drawn.0 || *lines != self.drawn.1 {
            queue!(out, Clear(ClearType::All))?;
            top(&mut out, lines, *width, end)?;
        }
        for (place, line) in bottom.iter().enumerate() {
            queue!(out, MoveTo(0, at(end + place)), Clear(ClearType::UntilNewLine))?;
            out.write_all(coloured(line).as_bytes())?;
        }
        queue!(out, EndSynchronizedUpdate)?;
        out.flush()?;
        self.drawn = now;
        Ok(())
    }
}

/// These lines from the top, as far as they fit.
fn top(out: &mut impl Write, lines: &[String], width: usize, end: usize) -> io::Result<()> {
    let mut row = 0;
    for line in lines {
        let rows = strip_str(line).to_string().width().div_ceil(width).max(1);
        if row + rows > end {
            break;
        }
        queue!(out, MoveTo(0, at(row)))?;
        out.write_all(coloured(line).as_bytes())?;
        row += rows;
    }
    Ok(())
}

/// Without its colours, where none are wanted.
fn coloured(line: &str) -> String {
    let plain = AutoStream::choice(&io::stdout()) == ColorChoice::Never;
    if plain { strip_str(line).to_string() } else { line.to_owned() }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn at(row: usize) -> u16 {
    u16::try_from(row).unwrap_or(u16::MAX)
}

/// A panic says what it has to say on a terminal that is as it was. One beside the main thread ends nothing, and would
/// only spoil what is drawn.
fn give_back_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().name() == Some("main") {
                give_back();
            }
            if !TAKEN.load(Ordering::SeqCst) {
                before(info);
            }
        }));
    });
}
